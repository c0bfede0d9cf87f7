mod charging;
mod choosing;
mod coupons;
mod dunning;
mod next;
mod office;
mod renewing;
