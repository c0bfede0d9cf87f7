//! Why a recording cannot be used, and what its sender is told.

use std::time::Duration;

use platform::Problem;
use platform::problem::{TOO_MANY, UNAVAILABLE};

use super::{CleanError, DecodeError};

platform::problem_types! {
    /// No bytes, or a file without sound.
    AUDIO_EMPTY = (UNPROCESSABLE_ENTITY, "audio-empty", "The recording is empty. Hold the button while you speak.");
    /// More bytes than are taken.
    AUDIO_TOO_LARGE = (PAYLOAD_TOO_LARGE, "audio-too-large", "The recording is too large. Say it in fewer words.");
    /// More seconds than are taken.
    AUDIO_TOO_LONG = (UNPROCESSABLE_ENTITY, "audio-too-long", "The recording is too long. Say it in fewer words.");
    /// Not audio, or not of a kind that can be read.
    AUDIO_UNREADABLE = (UNSUPPORTED_MEDIA_TYPE, "audio-unreadable", "This recording cannot be read. Record it again, or type.");
    /// A muted microphone.
    AUDIO_SILENT = (UNPROCESSABLE_ENTITY, "audio-silent", "The recording is silent. Check that the microphone is on.");
    /// Sound, but nobody speaks.
    NO_SPEECH = (UNPROCESSABLE_ENTITY, "no-speech", "Nobody could be heard speaking. Hold the phone closer and try again.");
}

/// Why a recording cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Nobody speaks in it.
    #[error(transparent)]
    Clean(#[from] CleanError),
    /// Too many recordings are being worked on.
    #[error("too many recordings are being worked on")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The work was broken off by a shutdown.
    #[error("the work on the recording was broken off")]
    BrokenOff,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Decode(error) => of_decode(error),
            Error::Clean(CleanError::Silent) => AUDIO_SILENT,
            Error::Clean(CleanError::NoSpeech) => NO_SPEECH,
            Error::Busy { retry_after } => {
                return Self::new(TOO_MANY).with("retry_after_s", retry_after.as_secs().max(1));
            }
            Error::BrokenOff => UNAVAILABLE,
        };
        Self::new(kind).detail(error.to_string())
    }
}

const fn of_decode(error: DecodeError) -> platform::ProblemType {
    match error {
        DecodeError::Empty | DecodeError::NoSamples => AUDIO_EMPTY,
        DecodeError::TooManyBytes { .. } | DecodeError::UnpackedTooLarge { .. } => AUDIO_TOO_LARGE,
        DecodeError::TooLong { .. } => AUDIO_TOO_LONG,
        DecodeError::NotAudio
        | DecodeError::Unsupported(_)
        | DecodeError::Rate { .. }
        | DecodeError::TooManyChannels { .. }
        | DecodeError::Damaged => AUDIO_UNREADABLE,
    }
}
