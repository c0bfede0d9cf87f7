//! What comes due at the gateway by itself.

/// Something that comes due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// A charge that was captured asynchronously is booked.
    BookCharge(String),
    /// An authorised amount that nobody captured is let go.
    ReleaseUncaptured(String),
    /// A checkout session closes by itself.
    ExpireSession(String),
    /// A pending refund ends well.
    SettleRefund(String),
    /// A refund fails.
    FailRefund(String),
    /// A dispute that got no evidence is lost.
    LoseDispute(String),
    /// A bank decides.
    DecideDispute {
        /// The dispute.
        id: String,
        /// For the merchant.
        won: bool,
    },
    /// An inquiry becomes a chargeback.
    EscalateDispute(String),
    /// A subscription's period ends.
    RenewSubscription(String),
    /// A subscription's first payment was not made in time.
    ExpireIncomplete(String),
    /// A trial ends in three days.
    TellTrialEnd(String),
    /// A renewal's invoice is finalised.
    FinalizeInvoice(String),
    /// A renewal's payment is tried again.
    CollectInvoice(String),
    /// What is available is paid out.
    PayOut,
    /// A payout arrives.
    ArrivePayout(String),
    /// A webhook delivery is to be attempted.
    Deliver(u64),
}
