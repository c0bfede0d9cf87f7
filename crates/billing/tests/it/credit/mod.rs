//! Prepaid credit.

mod charging;
mod granting;
mod purse;
mod random;
mod recharging;
mod returning;
