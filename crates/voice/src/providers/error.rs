//! What can go wrong with keys of providers, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::problem::{INVALID_FIELD, NOT_FOUND, TOO_MANY, UNAVAILABLE};
use platform::text::TextError;
use platform::{Problem, RetryHint};

use super::NotAKey;

platform::problem_types! {
    /// The installation has as many keys of providers as it may have.
    PROVIDER_KEYS_FULL = (CONFLICT, "provider-keys-full", "There are as many keys of providers as there may be. End one first.");
    /// Somebody else added, ended or ordered keys meanwhile.
    PROVIDERS_CHANGED = (CONFLICT, "providers-changed", "The keys have changed meanwhile. Look again.");
    /// The provider works where words may not go.
    PROVIDER_OUTSIDE = (CONFLICT, "provider-outside", "This provider works outside of the allowed regions and is not asked.");
}

/// Why something about keys of providers was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody, or somebody without what is asked.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// No such key, or it was ended.
    #[error("there is no such key")]
    NotFound,
    /// The name is empty or too long.
    #[error("the name: {0}")]
    Name(TextError),
    /// No provider takes this as a key.
    #[error(transparent)]
    Key(#[from] NotAKey),
    /// The reason is empty or too long.
    #[error("the reason: {0}")]
    Reason(TextError),
    /// There are as many keys as there may be.
    #[error("there are enough keys")]
    Full,
    /// Not all keys, or others than there are, were put in order.
    #[error("the keys have changed")]
    Changed,
    /// The provider works outside of the allowed regions.
    #[error("the provider works outside of the allowed regions")]
    Outside,
    /// This key, or another, is being tried.
    #[error("another key is being tried")]
    Busy,
    /// Keys are kept nowhere: the program only looks.
    #[error("keys are not kept here")]
    NotKept,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let field = |name: &str| Self::new(INVALID_FIELD).detail(error.to_string()).with("field", name);
        match error {
            Error::Name(_) => field("name"),
            Error::Key(_) => field("key"),
            Error::Reason(_) => field("reason"),
            Error::Caller(error) => error.into(),
            Error::NotFound => Self::new(NOT_FOUND),
            Error::Full => Self::new(PROVIDER_KEYS_FULL),
            Error::Changed => Self::new(PROVIDERS_CHANGED),
            Error::Outside => Self::new(PROVIDER_OUTSIDE),
            Error::Busy => Self::new(TOO_MANY).with("retry_after_s", 5),
            Error::NotKept => Self::new(UNAVAILABLE),
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
