//! The statements of prepaid credit.
//!
//! Lock order: a tenant's `credit_wallets` row, then `credit_recharges`, then one `credit_stored_days` row, then one `credit_usage` or
//! `credit_top_ups` row, then the accounts in the books,
//! then the sync log.

pub(crate) mod by_hand;
pub(crate) mod charged;
pub(crate) mod lots;
pub(crate) mod members;
pub(crate) mod prices;
pub(crate) mod recharges;
pub(crate) mod refunds;
pub(crate) mod settlements;
pub(crate) mod storage;
pub(crate) mod top_ups;
pub(crate) mod usage;
pub(crate) mod wallets;
pub(crate) mod wants;
