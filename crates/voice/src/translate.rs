//! Text to text in another language: what every translator takes and answers, how one is chosen, and what is checked.

mod names;
mod survival;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use platform::meter::{self, Measure, Work};
use types::Language;

use crate::Voice;
use crate::capability::{Condition, made_by};
use crate::errand::Errand;
use crate::metering::{Failure, metered};
use survival::survives;

/// The longest text that is translated, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// The warning of a translation that changed a number, a unit or a name.
pub const NUMBERS_DIFFER: &str = "numbers-differ";

/// A text in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// The translation.
    pub text: String,
    /// `provider:<name>`.
    pub made_by: String,
    /// [`NUMBERS_DIFFER`] where numbers, units or names did not survive: the original is to be shown.
    pub warning: Option<&'static str>,
}

/// What is to be translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The words.
    pub text: &'a str,
    /// Their language.
    pub from: Language,
    /// The reader's language.
    pub to: Language,
    /// Names in the text's language that must come through: of products, of the stall. Those that are not in the text
    /// do not matter.
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

    /// What of the provider's translates between these, where it names it.
    fn model_of(&self, _from: Language, _to: Language) -> Option<String> {
        None
    }

    /// Whether it can work now.
    fn condition(&self) -> Condition {
        Condition::Ready
    }

    /// The same as an error for the caller.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Unavailable`].
    fn check(&self) -> Result<(), Error> {
        match self.condition() {
            Condition::Ready => Ok(()),
            Condition::Off { why, .. } => Err(Error::Unavailable(why)),
        }
    }

    /// Translates a text of 1 to [`TEXT_CHARS_MAX`] characters between two different languages.
    ///
    /// # Errors
    /// [`Error::Busy`] and [`Error::Unavailable`] may be tried elsewhere or later.
    async fn translate(&self, text: &str, from: Language, to: Language) -> Result<String, Error>;
}

impl Failure for Error {
    fn may_pass_elsewhere(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unavailable(_) | Self::Unsupported { .. } | Self::Meter(_) => true,
            Self::TooLong => false,
        }
    }

    fn is_charged(&self) -> bool {
        false
    }
}

impl Voice {
    /// Whether somebody translates between these languages, now or when it is back.
    pub fn can_translate(&self, from: Language, to: Language) -> bool {
        from != to && self.engines().translators.iter().any(|e| e.serves(from, to))
    }

    /// Translates a text, and checks that its numbers, units and names survived.
    ///
    /// # Errors
    /// See [`Error`]; that of the first engine, where all failed.
    pub async fn translate(
        &self,
        Errand { tenant, cause, reach }: Errand,
        line: &Line<'_>,
    ) -> Result<Translated, Error> {
        let Line { text, from, to, .. } = *line;
        if text.chars().nth(TEXT_CHARS_MAX).is_some() {
            return Err(Error::TooLong);
        }
        let unsupported = Error::Unsupported { from, to };
        if from == to || text.trim().is_empty() {
            return Err(unsupported);
        }
        let mut failure = None;
        let engines = self.engines();
        for engine in engines.translators.iter().filter(|e| reach.includes(e.name()) && e.serves(from, to)) {
            if let Err(error) = engine.check() {
                failure.get_or_insert(error);
                continue;
            }
            let (provider, amount_max) = (engine.name(), text.chars().count() as u64);
            let (model, measure) = (engine.model_of(from, to), Measure::TranslationCharacters);
            let work = Work { tenant, provider, model, measure, amount_max, cause };
            match metered(&self.inner.meter, work, engine.translate(text, from, to)).await {
                Err(error) if error.may_pass_elsewhere() => {
                    tracing::warn!(%error, engine = provider, "a translator failed");
                    failure.get_or_insert(error);
                }
                Err(error) => return Err(error),
                Ok(text) => {
                    let warning = (!survives(line, &text)).then_some(NUMBERS_DIFFER);
                    return Ok(Translated { text, made_by: made_by(provider), warning });
                }
            }
        }
        Err(failure.unwrap_or(unsupported))
    }
}
