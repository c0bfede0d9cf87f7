//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::limit::TooMany;
use platform::problem::{INVALID_FIELD, NOT_FOUND};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use types::MoneyError;

use crate::StateCode;
use crate::gstin::GstinError;
use crate::pdf::PdfError;
use crate::state::UnknownState;

platform::problem_types! {
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
    /// Printed too often.
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
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match violated_constraint(&error) {
            Some("documents_order_once") => Self::IssuedMeanwhile(error),
            Some("document_series_within_sixteen_characters") => Self::SeriesFull,
            _ => Self::Database(error),
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
            Error::Pdf(error) => {
                Self::internal(&error);
                Self::new(NO_PDF)
            }
            Error::Database(error) => error.into(),
            error @ (Error::Sale(_)
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
            _ => false,
        }
    }
}
