//! How a call to BHASHINI fails, in the words of the three traits.

use std::time::Duration;

use crate::pool::NotDone;
use crate::{stt, translate, tts};

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// No service for this task and language.
    #[error("BHASHINI has no service for this language.")]
    NoService,
    /// Asked too often, or this machine has too much to do.
    #[error("BHASHINI is busy.")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Everything else; a sentence that names no key.
    #[error("{0}")]
    Away(String),
}

impl From<Failure> for stt::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy { retry_after } => Self::Busy { retry_after },
            Failure::NoService | Failure::Away(_) => Self::Unavailable(failure.to_string()),
        }
    }
}

impl From<Failure> for tts::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy { retry_after } => Self::Busy { retry_after },
            Failure::NoService | Failure::Away(_) => Self::Unavailable(failure.to_string()),
        }
    }
}

impl From<Failure> for translate::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy { retry_after } => Self::Busy { retry_after },
            Failure::NoService | Failure::Away(_) => Self::Unavailable(failure.to_string()),
        }
    }
}

impl From<NotDone> for Failure {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Busy { retry_after } => Self::Busy { retry_after },
            NotDone::BrokenOff => Self::Away("The work was broken off.".to_owned()),
        }
    }
}
