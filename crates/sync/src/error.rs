//! What can go wrong, and what the caller is told of it.

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse, Response};
use platform::limit::TooMany;
use platform::problem::{BAD_REQUEST, CROSS_SITE, INVALID_FIELD, SWITCHED_OFF, TOO_MANY};
use platform::{Problem, RetryHint};

platform::problem_types! {}

/// Why a socket, a ticket or a subscription was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller may not.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// A page of another site tried to open a socket.
    #[error("the page's origin may not open sockets")]
    ForeignOrigin,
    /// The request asks for no socket.
    #[error("this address takes a WebSocket")]
    NoSocket(#[from] WebSocketUpgradeRejection),
    /// Asked too often.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Too many sockets of one address have not said hello.
    #[error("too many sockets of this address wait for their hello")]
    TooManyStrangers,
    /// The process holds as many sockets as it may.
    #[error("there is no room for another socket")]
    Full,
    /// A push subscription that cannot be used.
    #[error("{detail}")]
    Subscription {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// Web Push is not configured.
    #[error("notices to sleeping phones are switched off")]
    PushOff,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Caller(error) => error.into(),
            Error::ForeignOrigin => Self::new(CROSS_SITE),
            Error::NoSocket(rejection) => Self::new(BAD_REQUEST).detail(rejection.body_text()),
            Error::TooMany(refused) => refused.into(),
            Error::TooManyStrangers => Self::new(TOO_MANY).with("retry_after_s", 10),
            Error::Full => Self::busy().detail(error.to_string()),
            Error::PushOff => Self::new(SWITCHED_OFF).detail(error.to_string()),
            Error::Subscription { field, detail } => {
                Self::new(INVALID_FIELD).detail(detail).with("field", field)
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
