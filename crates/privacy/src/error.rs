//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::personal::Obstacle;
use platform::problem::{INTERNAL, INVALID_FIELD, NOT_FOUND};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use platform::{blob, seal};

platform::problem_types! {
    /// Three copies were asked for within a day.
    EXPORTS_ENOUGH = (TOO_MANY_REQUESTS, "exports-enough", "You asked for three copies today. Ask again tomorrow.");
    /// Something must be settled before data may be erased.
    ERASURE_OBSTRUCTED = (CONFLICT, "erasure-obstructed", "Something must be settled first. Then this can be erased.");
    /// Five complaints wait for an answer.
    GRIEVANCES_WAITING = (TOO_MANY_REQUESTS, "grievances-waiting", "Five of your complaints wait for an answer. Write again when one is answered.");
    /// The complaint was answered otherwise.
    GRIEVANCE_ANSWERED = (CONFLICT, "grievance-answered", "This complaint has an answer already.");
    /// The erasure has begun, or was not asked for.
    ERASURE_OVER = (CONFLICT, "erasure-over", "There is nothing to call off.");
}

/// Why something about one's data was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such copy, or not the caller's, or its time is over.
    #[error("there is no such copy")]
    NotFound,
    /// Nobody, or somebody without what is asked.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// Three copies were asked for within a day.
    #[error("enough copies were asked for")]
    Enough,
    /// A text that is nothing, or too long.
    #[error("the {0} cannot be used")]
    Text(&'static str, #[source] TextError),
    /// Five complaints wait for an answer.
    #[error("five complaints wait for an answer")]
    Waiting,
    /// The complaint has another answer.
    #[error("the complaint has an answer")]
    Answered,
    /// Something must be settled first.
    #[error("something must be settled before the erasure: {0:?}")]
    Obstructed(Vec<Obstacle>),
    /// There is no erasure to call off.
    #[error("there is no erasure to call off")]
    Over,
    /// The archive does not open: altered, or another installation's.
    #[error("the copy does not open")]
    Sealed(#[from] seal::Unopenable),
    /// The file store failed.
    #[error(transparent)]
    Blob(#[from] blob::Error),
    /// What was stored does not read.
    #[error("what was stored does not read")]
    Stored(#[from] serde_json::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound | Error::Blob(blob::Error::Missing) => Self::new(NOT_FOUND),
            Error::Caller(error) => error.into(),
            Error::Enough => Self::new(EXPORTS_ENOUGH),
            Error::Text(name, error) => {
                Self::new(INVALID_FIELD).detail(error.to_string()).with("field", name)
            }
            Error::Waiting => Self::new(GRIEVANCES_WAITING),
            Error::Answered => Self::new(GRIEVANCE_ANSWERED),
            Error::Obstructed(obstacles) => {
                let obstacles = serde_json::to_value(obstacles).unwrap_or_default();
                Self::new(ERASURE_OBSTRUCTED).with("obstacles", obstacles)
            }
            Error::Over => Self::new(ERASURE_OVER),
            Error::Sealed(_) | Error::Blob(_) | Error::Stored(_) => {
                tracing::error!(%error, "a copy of somebody's data cannot be read");
                Self::new(INTERNAL)
            }
            Error::Database(error) => error.into(),
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
            Self::Database(error) => error.is_lost_race(),
            Self::Caller(error) => error.is_lost_race(),
            _ => false,
        }
    }
}
