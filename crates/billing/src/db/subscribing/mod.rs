//! Plans, subscriptions, their invoices, coupons.
//!
//! Lock order: a tenant's subscription, its open invoice, the coupon; then the wallet, the ledger's rows, the platform's series.

pub(crate) mod coupons;
pub(crate) mod invoices;
pub(crate) mod plans;
pub(crate) mod subscriptions;
