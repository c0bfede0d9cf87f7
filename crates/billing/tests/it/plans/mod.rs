mod charging;
mod choosing;
mod coupons;
mod dunning;
mod office;
mod renewing;
