//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::limit::TooMany;
use platform::problem::{CLIENT_ID_REUSED, CREDIT_FROZEN, INVALID_FIELD, MEMBER_LIMIT, NO_CREDIT, NOT_FOUND};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use types::MoneyError;

use crate::StateCode;
use crate::e_invoice::Missing;
use crate::gstin::GstinError;
use crate::pdf::PdfError;
use crate::pin::NotAPinCode;
use crate::state::UnknownState;

platform::problem_types! {
    /// A top-up that is too small or too large.
    TOP_UP_OUT_OF_RANGE = (UNPROCESSABLE_ENTITY, "top-up-out-of-range", "This is less or more than can be topped up at once.");
    /// A price that would have begun before it was written.
    PRICE_NOT_IN_FUTURE = (UNPROCESSABLE_ENTITY, "price-not-in-future", "A price begins now or later, never earlier.");
    /// A plan that cannot be chosen any more.
    PLAN_GONE = (CONFLICT, "plan-gone", "This plan has changed or is no longer offered. Look at the plans again.");
    /// A period that is not paid.
    PLAN_PAST_DUE = (CONFLICT, "plan-past-due", "Your plan is not paid. Pay it or cancel it first.");
    /// More is due than was agreed to.
    PLAN_COSTS_MORE = (CONFLICT, "plan-costs-more", "The price has changed meanwhile. Look at it again.");
    /// A code that no coupon has.
    COUPON_UNKNOWN = (NOT_FOUND, "coupon-unknown", "There is no such coupon. Look at its code again.");
    /// A coupon that cannot be redeemed any more.
    COUPON_OVER = (GONE, "coupon-over", "This coupon is over or used up.");
    /// A coupon that was redeemed here before, or another that counts.
    COUPON_USED = (CONFLICT, "coupon-used", "You have used this coupon already, or another one still counts.");
    /// The document is none that has an e-invoice.
    NO_E_INVOICE = (CONFLICT, "no-e-invoice", "An e-invoice is made of a tax invoice to a buyer with a GSTIN, or of its credit note.");
    /// Something that an e-invoice needs was not known when the document was issued.
    E_INVOICE_INCOMPLETE = (CONFLICT, "e-invoice-incomplete", "This bill does not say all that an e-invoice needs.");
    /// Recharging by itself is switched on without a card to charge.
    NO_SAVED_CARD = (CONFLICT, "no-saved-card", "There is no saved card to charge. Top up once with a card, and save it.");
    /// A bank's number that another top-up was said to be paid with.
    UTR_TAKEN = (CONFLICT, "utr-taken", "This bank number belongs to another top-up. Look at it again.");
    /// A top-up that stands otherwise by now.
    TOP_UP_CHANGED = (CONFLICT, "top-up-changed", "This top-up has changed meanwhile. Look at it again.");
    /// The bank has another amount than is to be confirmed.
    BANK_DISAGREES = (CONFLICT, "bank-disagrees", "The bank has another amount under this number. It cannot be confirmed.");
    /// The server has no font to print with, or the printer failed.
    NO_PDF = (SERVICE_UNAVAILABLE, "no-pdf", "The document is safe, but cannot be printed right now. Try again later.");
}

/// Why something about documents was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Who calls may not.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// No such document, or not the caller's.
    #[error("there is no such document")]
    NotFound,
    /// Printed, or asked for a top-up, too often.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A text of the profile cannot stand on a document.
    #[error("the {name} cannot be used")]
    Field {
        /// The field.
        name: &'static str,
        /// Why.
        #[source]
        error: TextError,
    },
    /// The profile's GSTIN is none.
    #[error("the GSTIN cannot be used")]
    Gstin(#[source] GstinError),
    /// The GSTIN was given out by another state than the profile names.
    #[error("the GSTIN is of {}, the profile of {}", gstin.name(), profile.name())]
    GstinOfAnotherState {
        /// The state whose code the GSTIN begins with.
        gstin: StateCode,
        /// The state of the profile.
        profile: StateCode,
    },
    /// The profile's state is none.
    #[error("the state cannot be used")]
    State(#[source] UnknownState),
    /// The PIN code is none.
    #[error("the PIN code cannot be used")]
    Pin(#[source] NotAPinCode),
    /// The name of a town that is too short to be one.
    #[error("the name of a town has at least three letters")]
    City,
    /// The document is no tax invoice, or names no buyer with a GSTIN.
    #[error("this document has no e-invoice")]
    NoEInvoice,
    /// The document does not say what its e-invoice must.
    #[error("the document does not say all that an e-invoice needs")]
    EInvoiceIncomplete(Vec<Missing>),
    /// The order that a document is asked for contradicts itself.
    #[error("the sale cannot be documented: {0}")]
    Sale(&'static str),
    /// Amounts that do not add up.
    #[error("the amounts cannot be added")]
    Money(#[from] MoneyError),
    /// A series has given out its last number of this financial year.
    #[error("the series of numbers is used up for this financial year")]
    SeriesFull,
    /// Another transaction issued the order's document, or wrote the plan's version, meanwhile; asking again finds it.
    #[error("it was written by another transaction")]
    IssuedMeanwhile(#[source] sqlx::Error),
    /// What was stored cannot be read: a broken invariant.
    #[error("the stored document cannot be read")]
    Stored(#[source] serde_json::Error),
    /// The paper could not be printed.
    #[error("the document cannot be printed")]
    Pdf(#[from] PdfError),
    /// The credit is used up.
    #[error("the credit is used up")]
    NoCredit,
    /// The operator stopped all spending.
    #[error("spending is stopped")]
    Frozen,
    /// The member has spent what they may this month.
    #[error("the member has spent what they may")]
    MemberLimit,
    /// The reservation was captured with another amount, released, or its time is over.
    #[error("nothing is reserved for this work any more")]
    NotReserved,
    /// More was to be charged than was reserved.
    #[error("more was used than was reserved")]
    MoreThanReserved,
    /// A cost that does not fit.
    #[error("the cost is too large to be counted")]
    TooMuch,
    /// A top-up that is too small or too large.
    #[error("the top-up is too small or too large")]
    TopUpOutOfRange,
    /// A number that is too small or too large.
    #[error("the {name} lies between {min} and {max}")]
    OutOfRange {
        /// The field.
        name: &'static str,
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// Credit that would be lost at once.
    #[error("the credit would have expired already")]
    ExpiredAlready,
    /// A vendor has too many lots of granted credit open.
    #[error("too many grants of this vendor are not spent yet")]
    TooManyLots,
    /// A price that would have begun before it was written.
    #[error("a price does not begin in the past")]
    PriceNotInFuture,
    /// No card is kept that could be charged.
    #[error("no card is kept")]
    NoSavedCard,
    /// A text that is no bank's number of a payment.
    #[error("the bank's number of a payment has twelve digits")]
    Utr,
    /// A bank's number that another top-up was said to be paid with.
    #[error("the bank's number belongs to another top-up")]
    UtrTaken,
    /// A top-up that stands otherwise by now.
    #[error("the top-up has changed meanwhile")]
    TopUpChanged,
    /// The bank has another amount than is to be confirmed.
    #[error("the bank has another amount")]
    BankDisagrees,
    /// A top-up was given back before it became credit: that comes first.
    #[error("the top-up is no credit yet")]
    NotCreditYet,
    /// A client id that came before with other content.
    #[error("the client id was used with other content")]
    ClientIdReused,
    /// A code that is none, or the free plan's where that cannot be.
    #[error("this code cannot be used")]
    BadCode,
    /// A code that another coupon has.
    #[error("another coupon has this code")]
    CodeTaken,
    /// A coupon that could never be redeemed.
    #[error("the coupon would be over already")]
    OverAlready,
    /// A plan that cannot be chosen any more.
    #[error("the plan is not offered")]
    PlanGone,
    /// A period that is not paid.
    #[error("the plan is not paid")]
    PastDue,
    /// More is due than was agreed to.
    #[error("more is due than was agreed to")]
    CostsMore,
    /// A code that no coupon has.
    #[error("there is no such coupon")]
    CouponUnknown,
    /// A coupon that cannot be redeemed any more.
    #[error("the coupon is over")]
    CouponOver,
    /// A coupon that was redeemed here before, or another that counts.
    #[error("a coupon was redeemed already")]
    CouponUsed,
    /// A top-up's money could not be asked for.
    #[error(transparent)]
    Payments(#[from] payments::Error),
    /// The books refused.
    #[error("the books refused")]
    Ledger(#[source] ledger::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match violated_constraint(&error) {
            Some("documents_order_kind_once" | "documents_credited_once" | "plans_version_once") => {
                Self::IssuedMeanwhile(error)
            }
            Some("document_series_within_sixteen_characters") => Self::SeriesFull,
            Some("credit_top_ups_utr_once") => Self::UtrTaken,
            Some("coupons_code_once") => Self::CodeTaken,
            Some("coupon_redemptions_pkey") => Self::CouponUsed,
            _ => Self::Database(error),
        }
    }
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
            Error::Caller(error) => error.into(),
            Error::NotFound => Self::new(NOT_FOUND),
            Error::TooMany(refused) => refused.into(),
            Error::Field { name, error } => field(name, error.to_string()),
            Error::Gstin(error) => field("gstin", error.to_string()),
            Error::GstinOfAnotherState { .. } => field("gstin", error.to_string()),
            Error::State(error) => field("state_code", error.to_string()),
            Error::Pin(error) => field("pin", error.to_string()),
            Error::City => field("city", error.to_string()),
            Error::NoEInvoice => Self::new(NO_E_INVOICE),
            Error::EInvoiceIncomplete(missing) => {
                let missing: Vec<&str> = missing.into_iter().map(Missing::code).collect();
                Self::new(E_INVOICE_INCOMPLETE).with("missing", missing)
            }
            Error::NoCredit => Self::new(NO_CREDIT),
            Error::Frozen => Self::new(CREDIT_FROZEN),
            Error::MemberLimit => Self::new(MEMBER_LIMIT),
            Error::NoSavedCard => Self::new(NO_SAVED_CARD),
            Error::Utr => field("utr", error.to_string()),
            Error::UtrTaken => Self::new(UTR_TAKEN),
            Error::TopUpChanged => Self::new(TOP_UP_CHANGED),
            Error::BankDisagrees => Self::new(BANK_DISAGREES),
            Error::TopUpOutOfRange => Self::new(TOP_UP_OUT_OF_RANGE),
            Error::OutOfRange { name, .. } => field(name, error.to_string()),
            Error::ExpiredAlready => field("expires_at", error.to_string()),
            Error::TooManyLots => field("amount", error.to_string()),
            Error::PriceNotInFuture => Self::new(PRICE_NOT_IN_FUTURE),
            Error::BadCode | Error::CodeTaken => field("code", error.to_string()),
            Error::OverAlready => field("redeem_by", error.to_string()),
            Error::PlanGone => Self::new(PLAN_GONE),
            Error::PastDue => Self::new(PLAN_PAST_DUE),
            Error::CostsMore => Self::new(PLAN_COSTS_MORE),
            Error::CouponUnknown => Self::new(COUPON_UNKNOWN),
            Error::CouponOver => Self::new(COUPON_OVER),
            Error::CouponUsed => Self::new(COUPON_USED),
            Error::ClientIdReused => Self::new(CLIENT_ID_REUSED),
            Error::Payments(error) => error.into(),
            Error::Pdf(error) => {
                Self::internal(&error);
                Self::new(NO_PDF)
            }
            Error::Database(error) => error.into(),
            error @ (Error::Sale(_)
            | Error::NotReserved
            | Error::MoreThanReserved
            | Error::TooMuch
            | Error::NotCreditYet
            | Error::Ledger(_)
            | Error::Money(_)
            | Error::SeriesFull
            | Error::IssuedMeanwhile(_)
            | Error::Stored(_)) => Self::internal(&error),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl RetryHint for Error {
    fn is_lost_race(&self) -> bool {
        match self {
            Self::IssuedMeanwhile(_) => true,
            Self::Database(error) => error.is_lost_race(),
            Self::Ledger(error) => error.is_lost_race(),
            Self::Payments(error) => error.is_lost_race(),
            _ => false,
        }
    }
}
