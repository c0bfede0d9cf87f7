//! What can go wrong, and what the caller is told of it.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use platform::problem::{
    CLIENT_ID_REUSED, DEAL_CHANGED, INTERNAL, INVALID_FIELD, NOT_FOUND, SIGNED_OUT, TOO_LARGE, UNAVAILABLE,
    UNSUPPORTED_MEDIA,
};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use types::Money;

use crate::gateway;
use crate::lines::LineFault;
use crate::table::ArchiveFault;
use crate::upi::NotAUpiId;

platform::problem_types! {
    /// The order has been paid.
    ALREADY_PAID = (CONFLICT, "already-paid", "This order has been paid already.");
    /// The order waits for no money any more.
    PAYMENT_CLOSED = (CONFLICT, "payment-closed", "This order does not wait for money any more. Make a new one.");
    /// What a browser says of a payment does not bear the gateway's signature.
    CHECKOUT_FORGED = (UNPROCESSABLE_ENTITY, "checkout-forged", "This payment could not be verified. If money left your account it comes back by itself.");
    /// More is to go back than is left.
    REFUND_TOO_LARGE = (CONFLICT, "refund-too-large", "So much is not left of this payment. Look at the order again.");
    /// A payment goes back in no more parts.
    REFUND_TOO_MANY = (CONFLICT, "refund-too-many", "This payment went back in too many parts already. Give back the rest at once.");
    /// Nothing of a payment goes back while it is disputed.
    PAYMENT_DISPUTED = (CONFLICT, "payment-disputed", "The buyer's bank asks for this money. Answer the dispute first.");
    /// A dispute that does not wait for an answer.
    DISPUTE_ANSWERED = (CONFLICT, "dispute-answered", "This dispute was answered already, or it is over. Look again.");
    /// No evidence, or more than the gateway takes.
    EVIDENCE_TOO_LARGE = (PAYLOAD_TOO_LARGE, "evidence-too-large", "This is too much to send as evidence. Leave the photo out or take a smaller one.");
    /// A refund that has not failed is not made again.
    REFUND_NOT_FAILED = (CONFLICT, "refund-not-failed", "This refund has not failed: it is on its way or done.");
    /// An exception of the reconciliation that is closed stays closed.
    EXCEPTION_CLOSED = (CONFLICT, "exception-closed", "Somebody has closed this already. Look again.");
    /// An exception that no machine can put right.
    NOT_REPAIRABLE = (CONFLICT, "not-repairable", "This cannot be put right from here. Sort it out with the gateway, then dismiss it.");
    /// A payout stands elsewhere than the operator saw.
    PAYOUT_MOVED = (CONFLICT, "payout-moved", "This payout has moved on, or may be at the bank already. Look again.");
    /// A vendor has no money that could be paid out.
    NOTHING_TO_PAY_OUT = (CONFLICT, "nothing-to-pay-out", "There is nothing to pay out to this vendor now.");
    /// A kept way to pay that is paused, or that allows less at once.
    NOT_CHARGEABLE = (CONFLICT, "not-chargeable", "This cannot be charged now: it is paused, or the amount is above its limit. Choose another way to pay.");
    /// A month's tax that was recorded as paid otherwise.
    TCS_PAID = (CONFLICT, "tcs-paid", "This month's tax was recorded as paid already. Look again.");
    /// A month for which no tax is to be paid, or not yet.
    TCS_NOT_DUE = (CONFLICT, "tcs-not-due", "Nothing is due for this month, or it is not over yet.");
    /// No payment gateway is set up.
    NO_GATEWAY = (NOT_FOUND, "no-gateway", "No payment gateway is set up here.");
}

/// Why something about payments was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not do this.
    #[error(transparent)]
    Identity(#[from] identity::Error),
    /// No such thing, or not the caller's.
    #[error("there is no such payment")]
    NotFound,
    /// The order has been paid.
    #[error("the order has been paid")]
    AlreadyPaid,
    /// The order waits for no money any more.
    #[error("the order waits for no money")]
    Closed,
    /// There is no money to give back.
    #[error("the order has not been paid")]
    NotPaid,
    /// A client id that came before with other content.
    #[error("the client id was used with other content")]
    ClientIdReused,
    /// The order asks for another amount than the one that was seen to come.
    #[error("the order asks for another amount now")]
    AmountChanged,
    /// What a browser says of a payment does not bear the gateway's signature.
    #[error("the checkout's signature is not the gateway's")]
    CheckoutForged,
    /// A webhook that does not bear the gateway's signature.
    #[error("the webhook's signature is not the gateway's")]
    WebhookForged,
    /// No payment gateway is set up.
    #[error("no payment gateway is set up")]
    NoGateway,
    /// What is kept is paused, or allows less at once.
    #[error("what is kept cannot be charged for so much now")]
    NotChargeable,
    /// Somebody asked too often.
    #[error(transparent)]
    TooMany(#[from] platform::limit::TooMany),
    /// The gateway takes no amount below this one.
    #[error("no less than {0} can be paid or given back, or left")]
    AmountTooSmall(Money),
    /// So much is not left to give back.
    #[error("no more than {0} is left to give back")]
    RefundTooLarge(Money),
    /// The payment is disputed.
    #[error("the payment is disputed")]
    Disputed,
    /// The dispute does not wait for an answer.
    #[error("the dispute does not wait for an answer")]
    DisputeAnswered,
    /// No evidence, or more than the gateway takes.
    #[error("the evidence has no file, or more files, bytes or pages than the gateway takes")]
    EvidenceTooLarge,
    /// A payment goes back in no more parts.
    #[error("a payment goes back in no more parts")]
    TooManyRefunds,
    /// The refund has not failed.
    #[error("the refund has not failed")]
    RefundNotFailed,
    /// Nothing of the gateway is known of a day that is yet to come.
    #[error("the day is yet to come")]
    DayAhead,
    /// More payments in one day than are compared at once.
    #[error("the day has more payments than are compared at once")]
    DayTooLarge,
    /// A file of settlement lines that cannot be read: nothing of it was taken in.
    #[error("{} of the file's lines cannot be read", .0.len())]
    FileMalformed(Vec<LineFault>),
    /// A file of another kind.
    #[error("a table is sent as text/csv, or as application/zip with one in it")]
    FileKind,
    /// An archive that holds no table that can be taken.
    #[error(transparent)]
    Archive(ArchiveFault),
    /// A file that the scanner did not call clean.
    #[error(transparent)]
    Scan(#[from] platform::scan::Error),
    /// The exception is closed.
    #[error("the exception is closed")]
    ExceptionClosed,
    /// The exception cannot be put right by a machine, or not any more.
    #[error("the exception cannot be put right from here")]
    NotRepairable,
    /// Parts of a commission that make no rule.
    #[error("a rule has one to five parts, each within its bounds")]
    CommissionParts,
    /// A commission rule that would begin in the past.
    #[error("a rule begins now or later")]
    RuleNotInFuture,
    /// A rate of the tax collected at source that the law does not know.
    #[error("the rate is from 0 to 2 per cent, and half of it has at most two decimals")]
    TcsRate,
    /// A month for which no tax is to be paid, or not yet.
    #[error("no tax is due for the month")]
    TcsNotDue,
    /// A month's tax that was recorded as paid otherwise, or a challan that another month has.
    #[error("the month's tax was recorded as paid otherwise")]
    TcsPaid,
    /// Another amount than is due, by more than rounding.
    #[error("{0} is due for the month")]
    TcsAmount(Money),
    /// A text that is no challan's number.
    #[error("a challan's number has 8 to 24 letters and digits")]
    Challan,
    /// A day on which the month's tax cannot have been paid.
    #[error("the tax is paid after its month, not later than today")]
    PaidOn,
    /// A text that is no month.
    #[error("a month is written as 2026-11")]
    Month,
    /// A part of a payout account that cannot be: which one.
    #[error("the account's {0} is not as banks write it")]
    AccountField(&'static str),
    /// Money held back longer than can be.
    #[error("money is held from 0 to 90 days")]
    HoldDays,
    /// A bank's name of a payout that cannot be.
    #[error("the bank's reference has 6 to 22 letters and digits")]
    Utr,
    /// The payout stands elsewhere by now.
    #[error("the payout has moved on")]
    PayoutMoved,
    /// The vendor has no money that could be paid out.
    #[error("there is nothing to pay out")]
    NothingToPay,
    /// A sealed number that does not open: the installation has another key than the one it was sealed with.
    #[error("the number of an account does not open here")]
    Unopenable,
    /// What was given is no UPI id.
    #[error(transparent)]
    UpiId(#[from] NotAUpiId),
    /// A vendor takes money somehow.
    #[error("a stall without UPI id takes cash")]
    NoWayToPay,
    /// The reason for an operator's act cannot be kept.
    #[error("the reason cannot be kept")]
    Reason(#[source] TextError),
    /// The webhooks that came at the same time could not be stored together. The gateway sends them again.
    #[error("the webhook could not be stored")]
    WebhookNotStored(#[source] Arc<sqlx::Error>),
    /// The gateway did not do as it was asked.
    #[error("the gateway did not do as it was asked")]
    Gateway(#[from] gateway::Error),
    /// The books refused.
    #[error("the books refused")]
    Ledger(#[source] ledger::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl From<ledger::Error> for Error {
    fn from(error: ledger::Error) -> Self {
        match error {
            ledger::Error::Database(error) => Self::Database(error),
            other => Self::Ledger(other),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let field = |name: &str, detail: String| Self::new(INVALID_FIELD).detail(detail).with("field", name);
        match error {
            Error::Identity(error) => error.into(),
            Error::NotFound => Self::new(NOT_FOUND),
            Error::AlreadyPaid => Self::new(ALREADY_PAID),
            Error::Closed | Error::NotPaid => Self::new(PAYMENT_CLOSED),
            Error::ClientIdReused => Self::new(CLIENT_ID_REUSED),
            Error::AmountChanged => Self::new(DEAL_CHANGED),
            Error::CheckoutForged => Self::new(CHECKOUT_FORGED),
            // Whoever forges learns nothing of what was wrong.
            Error::WebhookForged => Self::new(SIGNED_OUT),
            Error::NoGateway => Self::new(NO_GATEWAY),
            Error::TooMany(refused) => refused.into(),
            Error::NotChargeable => Self::new(NOT_CHARGEABLE),
            Error::WebhookNotStored(error) => {
                tracing::error!(%error, "webhooks could not be stored");
                Self::new(UNAVAILABLE)
            }
            Error::AmountTooSmall(_) | Error::TcsAmount(_) => field("amount", error.to_string()),
            Error::RefundTooLarge(left) => Self::new(REFUND_TOO_LARGE).with("left_minor", left.minor()),
            Error::Disputed => Self::new(PAYMENT_DISPUTED),
            Error::DisputeAnswered => Self::new(DISPUTE_ANSWERED),
            Error::EvidenceTooLarge => Self::new(EVIDENCE_TOO_LARGE),
            Error::TooManyRefunds => Self::new(REFUND_TOO_MANY),
            Error::RefundNotFailed => Self::new(REFUND_NOT_FAILED),
            Error::DayAhead => field("day", error.to_string()),
            Error::DayTooLarge => Self::new(INTERNAL),
            Error::FileMalformed(ref lines) => {
                field("file", error.to_string()).with("lines", faults_as_json(lines))
            }
            Error::FileKind => Self::new(UNSUPPORTED_MEDIA).detail(error.to_string()),
            Error::Archive(ArchiveFault::TooLarge) => Self::new(TOO_LARGE).detail(error.to_string()),
            Error::Archive(fault) => Self::new(UNSUPPORTED_MEDIA).detail(fault.to_string()),
            Error::Scan(error) => error.into(),
            Error::ExceptionClosed => Self::new(EXCEPTION_CLOSED),
            Error::NotRepairable => Self::new(NOT_REPAIRABLE),
            Error::CommissionParts => field("parts", error.to_string()),
            Error::RuleNotInFuture => field("effective_from", error.to_string()),
            Error::TcsRate => field("percent", error.to_string()),
            Error::TcsNotDue => Self::new(TCS_NOT_DUE),
            Error::TcsPaid => Self::new(TCS_PAID),
            Error::Challan => field("challan", error.to_string()),
            Error::PaidOn => field("paid_on", error.to_string()),
            Error::Month => field("month", error.to_string()),
            Error::AccountField(name) => field(name, error.to_string()),
            Error::HoldDays => field("hold_days", error.to_string()),
            Error::Utr => field("utr", error.to_string()),
            Error::PayoutMoved => Self::new(PAYOUT_MOVED),
            Error::NothingToPay => Self::new(NOTHING_TO_PAY_OUT),
            Error::Unopenable => {
                tracing::error!("a sealed account number does not open: is this the installation's key?");
                Self::new(INTERNAL)
            }
            Error::UpiId(error) => field("upi_id", error.to_string()),
            Error::NoWayToPay => field("cash", error.to_string()),
            Error::Reason(error) => field("reason", error.to_string()),
            Error::Gateway(error) => {
                tracing::warn!(error = %gateway::chain(&error), "the payment gateway did not do as it was asked");
                Self::new(UNAVAILABLE)
            }
            Error::Ledger(error) => {
                tracing::error!(%error, "the books refused a posting of payments");
                Self::new(INTERNAL)
            }
            Error::Database(error) => error.into(),
        }
    }
}

fn faults_as_json(faults: &[LineFault]) -> serde_json::Value {
    faults.iter().map(|fault| serde_json::json!({ "line": fault.line, "problem": fault.problem })).collect()
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl RetryHint for Error {
    fn is_lost_race(&self) -> bool {
        match self {
            Self::Database(error) => error.is_lost_race(),
            Self::Ledger(error) => error.is_lost_race(),
            _ => false,
        }
    }
}
