//! Every SQL statement of this context.
//!
//! **Lock order**: the intents of an order or a top-up, all of them by id, then its payment or refund, or a payout, then ledger accounts, then
//! sync logs. Webhook events are locked by nobody: a job holds each.
//! A line of a settlement is locked before accounts, an exception after all else.

pub(crate) mod commission;
pub(crate) mod dispute_files;
pub(crate) mod disputes;
pub(crate) mod gateway;
pub(crate) mod intents;
pub(crate) mod keeping;
pub(crate) mod methods;
pub(crate) mod oversight;
pub(crate) mod paying_out;
pub(crate) mod payments;
pub(crate) mod personal;
pub(crate) mod profiles;
pub(crate) mod reconcile;
pub(crate) mod refunds;
pub(crate) mod shown;
pub(crate) mod subjects;
pub(crate) mod tcs;
pub(crate) mod webhooks;

use types::PersonId;
use uuid::Uuid;

/// Under which id an operator sent what is written once, and the hash of what was sent.
pub(crate) struct Sent {
    pub client_id: Uuid,
    pub content_hash: Vec<u8>,
    pub person: PersonId,
}
