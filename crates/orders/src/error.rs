//! What can go wrong with an order, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::problem::{INVALID_FIELD, NOT_FOUND};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use types::MoneyError;

use crate::order::{LINES_MAX, NotNow};
use crate::parts::NotLeft;

platform::problem_types! {
    /// The step does not fit what has become of the order.
    ORDER_NOT_NOW = (CONFLICT, "order-not-now", "This is no longer possible for this order. Look at it again.");
    /// No room for a further line.
    ORDER_FULL = (CONFLICT, "order-full", "This order is full. Pay it first; then the next one opens.");
}

/// Why something about orders was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such order, or not the caller's.
    #[error("there is no such order")]
    NotFound,
    /// Nobody, or somebody with no pass.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// The step does not fit the order's state.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The order has no such part to give back.
    #[error(transparent)]
    NotLeft(#[from] NotLeft),
    /// The reason for a refund cannot be kept.
    #[error("the reason cannot be kept")]
    Reason(#[source] TextError),
    /// The statement against a dispute cannot be sent.
    #[error("the statement cannot be sent")]
    Statement(#[source] TextError),
    /// What was given is no photograph.
    #[error("a photograph is a JPEG or PNG in Base64")]
    NoPhoto,
    /// The visit's unpaid order has all the lines it can have.
    #[error("an order has at most {LINES_MAX} lines")]
    Full,
    /// A seller in the composition scheme supplies no goods to another state (CGST Act s. 10(2)(c)).
    #[error("a seller in the composition scheme delivers only within the own state")]
    OutsideTheScheme,
    /// A total that cannot be.
    #[error("the order's total cannot be")]
    Money(#[from] MoneyError),
    /// The stall, its products or their stock.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// The money.
    #[error(transparent)]
    Payments(#[from] payments::Error),
    /// The document.
    #[error(transparent)]
    Billing(#[from] billing::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// What both sides are told could not be written.
    #[error("an event could not be written")]
    Unwritable(#[from] serde_json::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(NOT_FOUND),
            Error::Caller(error) => error.into(),
            Error::NotNow(error) => Self::new(ORDER_NOT_NOW).detail(error.to_string()),
            Error::NotLeft(NotLeft::Money) => Self::new(payments::REFUND_TOO_LARGE),
            Error::NotLeft(error) => {
                Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "lines")
            }
            Error::Reason(error) => {
                Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "reason")
            }
            Error::Statement(error) => {
                Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "statement")
            }
            Error::NoPhoto => Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "photo"),
            Error::Full => Self::new(ORDER_FULL),
            Error::OutsideTheScheme => {
                Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "state_code")
            }
            Error::Money(error) => Self::new(INVALID_FIELD).detail(error.to_string()).with("field", "total"),
            Error::Catalog(error) => error.into(),
            Error::Payments(error) => error.into(),
            Error::Billing(error) => error.into(),
            Error::Database(error) => error.into(),
            Error::Unwritable(error) => Self::internal(&error),
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
            // Somebody else opened the visit's order meanwhile: the repetition joins it.
            Self::Database(error) => {
                error.is_lost_race() || violated_constraint(error) == Some("orders_one_open")
            }
            Self::Catalog(error) => error.is_lost_race(),
            Self::Payments(error) => error.is_lost_race(),
            Self::Billing(error) => error.is_lost_race(),
            _ => false,
        }
    }
}
