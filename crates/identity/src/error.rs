//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::limit::TooMany;
use platform::problem::{FORBIDDEN, INTERNAL, INVALID_FIELD, SIGNED_OUT, UNAVAILABLE};
use platform::text::TextError;
use platform::{Problem, RetryHint};

use crate::password::{Busy, PasswordError};

platform::problem_types! {
    /// The phone number has an account.
    PHONE_TAKEN = (CONFLICT, "phone-taken", "This phone number has an account already. Sign in instead.");
    /// Phone number or password is wrong; which of them is not said.
    WRONG_CREDENTIALS = (UNAUTHORIZED, "wrong-credentials", "The phone number or the password is wrong.");
    /// The password is among those that are guessed first.
    PASSWORD_COMMON = (UNPROCESSABLE_ENTITY, "password-common", "This password is easy to guess. Take another, such as three words.");
    /// A visit that this phone holds no pass for.
    NO_PASS = (FORBIDDEN, "no-pass", "This visit is over or is not yours. Scan the stall's code again.");
}

/// Why something about people was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the session is over.
    #[error("nobody is signed in")]
    SignedOut,
    /// Not for this kind of caller.
    #[error("the caller may not do this")]
    Forbidden,
    /// No living pass for the visit.
    #[error("the phone holds no pass for this visit")]
    NoPass,
    /// Phone number or password is wrong.
    #[error("the phone number or the password is wrong")]
    WrongCredentials,
    /// The phone number has an account.
    #[error("the phone number has an account")]
    PhoneTaken,
    /// Nobody has an account with this phone number.
    #[error("nobody has an account with this phone number")]
    NoSuchPerson,
    /// The name cannot be shown.
    #[error("the name cannot be used")]
    Name(#[from] TextError),
    /// The password is not taken.
    #[error("the password cannot be used")]
    Password(#[from] PasswordError),
    /// Tried too often.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Too many people are signing in.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// A router was called without the middleware that finds out who calls: the wiring is wrong.
    #[error("nobody asked who calls")]
    Unprotected,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if violated_constraint(&error) == Some("people_phone_once") {
            Self::PhoneTaken
        } else {
            Self::Database(error)
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let field = |name: &str, detail: String| Self::new(INVALID_FIELD).detail(detail).with("field", name);
        match error {
            Error::SignedOut => Self::new(SIGNED_OUT),
            Error::Forbidden => Self::new(FORBIDDEN),
            Error::NoPass => Self::new(NO_PASS),
            Error::WrongCredentials => Self::new(WRONG_CREDENTIALS),
            Error::PhoneTaken => Self::new(PHONE_TAKEN),
            Error::NoSuchPerson => Self::new(platform::problem::NOT_FOUND),
            Error::Name(error) => field("name", error.to_string()),
            Error::Password(PasswordError::Common) => Self::new(PASSWORD_COMMON).with("field", "password"),
            Error::Password(error) => field("password", error.to_string()),
            Error::TooMany(refused) => refused.into(),
            Error::Busy(error) => Self::new(UNAVAILABLE).detail(error.to_string()),
            Error::Unprotected => {
                tracing::error!("a router was called without identity's middleware");
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
        matches!(self, Self::Database(error) if error.is_lost_race())
    }
}
