//! What comes due at the gateway by itself.

use super::payout::PayoutStatus;

/// Something that comes due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// A payment without a bank's answer fails.
    TimeOut(String),
    /// A bank authorises a payment late.
    Authorize(String),
    /// The notice of a mandate's charge is over.
    Debit(String),
    /// An authorised payment that nobody captured is given back.
    ReturnUncaptured(String),
    /// A pending refund ends.
    FinishRefund {
        /// The refund.
        id: String,
        /// Processed, or failed.
        processed: bool,
    },
    /// A payout moves on.
    MovePayout {
        /// The payout.
        id: String,
        /// To where.
        next: PayoutStatus,
    },
    /// Nobody answered a dispute in time.
    LapseDispute(String),
    /// A payment or refund is settled.
    Settle(String),
    /// A QR code closes by itself.
    ExpireQr(String),
    /// A webhook delivery is to be attempted.
    Deliver(u64),
}
