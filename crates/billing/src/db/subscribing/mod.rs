//! Plans, subscriptions, their invoices, coupons.
//!
//! Lock order: a tenant's subscription, its open invoice, the coupon; then the wallet, the ledger's rows, the platform's series.

pub(crate) mod coupons;
pub(crate) mod invoices;
pub(crate) mod plans;
pub(crate) mod subscriptions;

use types::PersonId;
use uuid::Uuid;

/// Under which id an operator sent a plan or a coupon, who and why.
pub(crate) struct Sent<'a> {
    pub client_id: Uuid,
    pub content_hash: &'a [u8],
    pub reason: &'a str,
    pub person: PersonId,
}
