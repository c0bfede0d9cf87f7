//! How a call to BHASHINI fails, in the words of the three traits.

use std::time::Duration;

use types::Language;

use crate::pool::NotDone;
use crate::{stt, translate, tts};

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// No service for this task and language.
    #[error("BHASHINI has no service for this language")]
    NoService,
    /// Asked too often, or this machine has too much to do.
    #[error("BHASHINI is busy")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Everything else; a sentence that names no key.
    #[error("{0}")]
    Away(String),
}

impl Failure {
    pub fn of_recognition(self, language: Language) -> stt::Error {
        match self {
            Self::NoService => stt::Error::Unsupported(language),
            Self::Busy { retry_after } => stt::Error::Busy { retry_after },
            Self::Away(why) => stt::Error::Unavailable(why),
        }
    }

    pub fn of_speech(self, language: Language) -> tts::Error {
        match self {
            Self::NoService => tts::Error::Unsupported(language),
            Self::Busy { retry_after } => tts::Error::Busy { retry_after },
            Self::Away(why) => tts::Error::Unavailable(why),
        }
    }

    pub fn of_translation(self, from: Language, to: Language) -> translate::Error {
        match self {
            Self::NoService => translate::Error::Unsupported { from, to },
            Self::Busy { retry_after } => translate::Error::Busy { retry_after },
            Self::Away(why) => translate::Error::Unavailable(why),
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
