//! Payouts and what they stand on.
//!
//! **Lock order**: a payout before ledger accounts, its account row after it.

pub(crate) mod accounts;
pub(crate) mod holds;
pub(crate) mod payouts;
pub(crate) mod runs;
pub(crate) mod terms;
