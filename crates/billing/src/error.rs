//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::limit::TooMany;
use platform::problem::{CLIENT_ID_REUSED, INVALID_FIELD, NOT_FOUND};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use types::MoneyError;

use crate::StateCode;
use crate::gstin::GstinError;
use crate::pdf::PdfError;
use crate::state::UnknownState;

platform::problem_types! {
    /// The credit is used up.
    NO_CREDIT = (PAYMENT_REQUIRED, "no-credit", "The credit is used up. Top it up to go on.");
    /// The operator stopped all spending.
    CREDIT_FROZEN = (FORBIDDEN, "credit-frozen", "The operator has stopped spending from this credit.");
    /// A top-up that is too small or too large.
    TOP_UP_OUT_OF_RANGE = (UNPROCESSABLE_ENTITY, "top-up-out-of-range", "This is less or more than can be topped up at once.");
    /// A price that would have begun before it was written.
    PRICE_NOT_IN_FUTURE = (UNPROCESSABLE_ENTITY, "price-not-in-future", "A price begins now or later, never earlier.");
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
    /// The order that a document is asked for contradicts itself.
    #[error("the sale cannot be documented: {0}")]
    Sale(&'static str),
    /// Amounts that do not add up.
    #[error("the amounts cannot be added")]
    Money(#[from] MoneyError),
    /// A series has given out its last number of this financial year.
    #[error("the series of numbers is used up for this financial year")]
    SeriesFull,
    /// Another transaction issued the order's document meanwhile; asking again finds it.
    #[error("the document was issued by another transaction")]
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
    /// A client id that came before with other content.
    #[error("the client id was used with other content")]
    ClientIdReused,
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
            Some("documents_order_once" | "documents_credited_once") => Self::IssuedMeanwhile(error),
            Some("document_series_within_sixteen_characters") => Self::SeriesFull,
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
            Error::NoCredit => Self::new(NO_CREDIT),
            Error::Frozen => Self::new(CREDIT_FROZEN),
            Error::TopUpOutOfRange => Self::new(TOP_UP_OUT_OF_RANGE),
            Error::OutOfRange { name, .. } => field(name, error.to_string()),
            Error::ExpiredAlready => field("expires_at", error.to_string()),
            Error::TooManyLots => field("amount", error.to_string()),
            Error::PriceNotInFuture => Self::new(PRICE_NOT_IN_FUTURE),
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
