//! Text to speech: what every synthesiser takes and answers.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use platform::meter;
use types::Language;

use crate::capability::Condition;

/// The longest text that is spoken, in characters: more than any deal and any sentence of talk.
pub const TEXT_CHARS_MAX: usize = 600;

/// Why nothing was spoken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No engine speaks this language.
    #[error("there is no voice for {}", .0.english_name())]
    Unsupported(Language),
    /// Nothing in the text can be spoken.
    #[error("there is nothing to say")]
    Empty,
    /// Longer than [`TEXT_CHARS_MAX`].
    #[error("the text is longer than {TEXT_CHARS_MAX} characters")]
    TooLong,
    /// May be tried again after this long.
    #[error("the voice is busy")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The engine failed or is away; the sentence says how.
    #[error("the voice is not available: {0}")]
    Unavailable(String),
    /// The work could not be paid.
    #[error(transparent)]
    Meter(#[from] meter::Error),
}

/// Turns text into speech.
#[async_trait]
pub trait Synthesiser: Send + Sync + Debug {
    /// `local`, or the provider's name.
    fn name(&self) -> &'static str;

    /// Whether this language is spoken at all.
    fn serves(&self, language: Language) -> bool;

    /// Whether it can work now.
    fn condition(&self) -> Condition {
        Condition::Ready
    }

    /// Names the voice and every setting that changes its sound: part of the cache's key.
    fn voice_of(&self, language: Language) -> String;

    /// Speaks a text of 1 to [`TEXT_CHARS_MAX`] characters: mono samples of 16 kHz, at whatever loudness.
    ///
    /// # Errors
    /// [`Error::Busy`] and [`Error::Unavailable`] may be tried elsewhere or later.
    async fn speak(&self, text: &str, language: Language) -> Result<Vec<f32>, Error>;
}
