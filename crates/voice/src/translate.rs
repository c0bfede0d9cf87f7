//! Text to text in another language: what every translator takes and answers.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use platform::meter;
use types::Language;

use crate::capability::Condition;

/// The longest text that is translated, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// What is to be translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The words.
    pub text: &'a str,
    /// Their language.
    pub from: Language,
    /// The reader's language.
    pub to: Language,
    /// Names that must come through as they are: the stall's, people's.
    pub names: &'a [String],
}

/// Why nothing was translated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No engine for these languages.
    #[error("nobody translates from {} to {}", .from.english_name(), .to.english_name())]
    Unsupported {
        /// The text's language.
        from: Language,
        /// The reader's.
        to: Language,
    },
    /// Longer than [`TEXT_CHARS_MAX`].
    #[error("the text is longer than {TEXT_CHARS_MAX} characters")]
    TooLong,
    /// May be tried again after this long.
    #[error("the translator is busy")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The engine failed or is away; the sentence says how.
    #[error("the translator is not available: {0}")]
    Unavailable(String),
    /// The work could not be paid.
    #[error(transparent)]
    Meter(#[from] meter::Error),
}

/// Turns text into text of another language.
#[async_trait]
pub trait Translator: Send + Sync + Debug {
    /// `local`, or the provider's name.
    fn name(&self) -> &'static str;

    /// Whether these languages are translated at all.
    fn serves(&self, from: Language, to: Language) -> bool;

    /// Whether it can work now.
    fn condition(&self) -> Condition {
        Condition::Ready
    }

    /// Translates a text of 1 to [`TEXT_CHARS_MAX`] characters between two different languages.
    ///
    /// # Errors
    /// [`Error::Busy`] and [`Error::Unavailable`] may be tried elsewhere or later.
    async fn translate(&self, text: &str, from: Language, to: Language) -> Result<String, Error>;
}
