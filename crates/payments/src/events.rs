//! What other contexts learn of money.

use chrono::{DateTime, Utc};
use platform::outbox::Event;
use serde::{Deserialize, Serialize};
use types::{IntentId, Money, OrderId, RefundId, TenantId, TopUpId};

/// An order's money is there. Also where it came late: the order decides whether it still stands or goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentPaid {
    /// Whose stall sold.
    pub tenant: TenantId,
    /// What is paid.
    pub order: OrderId,
    /// The intent it was paid through.
    pub intent: IntentId,
    /// The whole amount.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}

/// A top-up's money is there, in the account [`crate::TOP_UPS`]. Also where it came after its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpPaid {
    /// Whose credit it is.
    pub tenant: TenantId,
    /// What is paid.
    pub top_up: TopUpId,
    /// The intent it was paid through.
    pub intent: IntentId,
    /// The whole amount.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}

/// A kept card that was to pay a top-up said no, or wants its owner: nothing was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpFailed {
    /// Whose credit it would have been.
    pub tenant: TenantId,
    /// What is not paid.
    pub top_up: TopUpId,
    /// The intent that failed.
    pub intent: IntentId,
}

/// Of an order's money a part or all went back to the buyer, is the vendor's to give back by hand, or was taken by the buyer's bank:
/// [`crate::Payments::refunds_of`] and [`crate::Payments::lost_of`] say how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRefunded {
    /// Whose stall sold.
    pub tenant: TenantId,
    /// What was paid.
    pub order: OrderId,
    /// The intent it was paid through.
    pub intent: IntentId,
}

/// A part or all of a top-up's money is back where it was paid from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpRefunded {
    /// Whose credit it was.
    pub tenant: TenantId,
    /// What was paid.
    pub top_up: TopUpId,
    /// The refund.
    pub refund: RefundId,
}

/// The gateway will not give a top-up's money back: it is in the account [`crate::RETURNED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpRefundRefused {
    /// Whose credit it was.
    pub tenant: TenantId,
    /// What was paid.
    pub top_up: TopUpId,
    /// The refund.
    pub refund: RefundId,
}

/// A part or all of a top-up's money was given back at the gateway itself, out of the account [`crate::RETURNED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpTakenBack {
    /// Whose credit it was.
    pub tenant: TenantId,
    /// What was paid.
    pub top_up: TopUpId,
    /// The refund.
    pub refund: RefundId,
    /// How much.
    pub amount: Money,
}

impl Event for IntentPaid {
    const KIND: &'static str = "intent-paid";
}

impl Event for TopUpPaid {
    const KIND: &'static str = "top-up-paid";
}

impl Event for TopUpFailed {
    const KIND: &'static str = "top-up-failed";
}

impl Event for PaymentRefunded {
    const KIND: &'static str = "payment-refunded";
}

impl Event for TopUpRefunded {
    const KIND: &'static str = "top-up-refunded";
}

impl Event for TopUpRefundRefused {
    const KIND: &'static str = "top-up-refund-refused";
}

impl Event for TopUpTakenBack {
    const KIND: &'static str = "top-up-taken-back";
}
