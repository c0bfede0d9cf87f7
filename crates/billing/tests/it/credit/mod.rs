//! Prepaid credit.

mod by_hand;
mod charging;
mod granting;
mod killed;
mod limiting;
mod purse;
mod random;
mod recharging;
mod returning;
mod settling;
mod storing;
