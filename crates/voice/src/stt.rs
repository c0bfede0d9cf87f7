//! Speech to text: what every recogniser takes and answers, and how one is chosen.

pub mod local;
mod warm_up;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use platform::meter::{self, Measure, Work};
use serde::{Deserialize, Serialize};
use types::Language;
use utoipa::ToSchema;

use crate::capability::Condition;
use crate::errand::Errand;
use crate::metering::{Failure, metered};
use crate::{Prepared, Voice};

pub use warm_up::WarmUp;

/// What the app asked before it listens: a recogniser that can narrows down what it hears to that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expecting {
    /// Nothing in particular: offers, answers, talk.
    #[default]
    Anything,
    /// An amount of money.
    Price,
    /// How much of a product.
    Quantity,
    /// Yes or no.
    YesNo,
}

/// What is known before somebody speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints<'a> {
    /// What was asked.
    pub expecting: Expecting,
    /// The stall's products, by their names in the language spoken.
    pub names: &'a [String],
}

/// One cleaned utterance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speech16k<'a> {
    /// Mono, 16 kHz, −1.0..=1.0, at most as long as the limit of recordings.
    pub samples: &'a [f32],
    /// The rate it was recorded at: below 16 kHz the upper band is empty.
    pub source_rate_hz: u32,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The words, in the language's own script.
    pub text: String,
    /// Other readings, best first.
    pub alternatives: Vec<String>,
    /// 0.0–1.0; engines without it say `None`.
    pub confidence: Option<f32>,
    /// `local` or `provider:<name>`.
    pub made_by: String,
}

/// Why nothing was recognised.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine worked and found no words. Trying again is pointless.
    #[error("no words were heard")]
    NothingHeard,
    /// No engine for this language.
    #[error("there is no recogniser for {}", .0.english_name())]
    Unsupported(Language),
    /// May be tried again after this long.
    #[error("the recogniser is busy")]
    Busy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The engine failed or is away; the sentence says how.
    #[error("the recogniser is not available: {0}")]
    Unavailable(String),
    /// The work could not be paid.
    #[error(transparent)]
    Meter(#[from] meter::Error),
}

/// Turns speech into text.
#[async_trait]
pub trait Recogniser: Send + Sync + Debug {
    /// `local`, or the provider's name.
    fn name(&self) -> &'static str;

    /// Whether this language is understood at all.
    fn serves(&self, language: Language) -> bool;

    /// What of the provider's listens to this language, where it names it.
    fn model_of(&self, _language: Language) -> Option<String> {
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

    /// Whether it has something to load before it hears, see [`Recogniser::warm_up`].
    fn must_load(&self) -> bool {
        false
    }

    /// Loads what the next utterance in this language needs, at a stall that sells these; nothing where that is done.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: it could not be loaded.
    async fn warm_up(&self, _language: Language, _names: &[String]) -> Result<(), Error> {
        Ok(())
    }

    /// Recognises one utterance.
    ///
    /// # Errors
    /// [`Error::Busy`] and [`Error::Unavailable`] may be tried elsewhere or later; [`Error::NothingHeard`] and
    /// [`Error::Unsupported`] must not be tried again.
    async fn recognise(
        &self,
        speech: &Speech16k<'_>,
        language: Language,
        hints: &Hints<'_>,
    ) -> Result<Heard, Error>;
}

impl Failure for Error {
    fn may_pass_elsewhere(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unavailable(_) | Self::Unsupported(_) | Self::Meter(_) => true,
            Self::NothingHeard => false,
        }
    }

    fn is_charged(&self) -> bool {
        matches!(self, Self::NothingHeard)
    }
}

impl Voice {
    /// Recognises speech: the providers in order, then this machine.
    ///
    /// # Errors
    /// See [`Error`]; that of the first engine, where all failed.
    pub async fn recognise(
        &self,
        Errand { tenant, cause, reach }: Errand,
        speech: &Prepared,
        language: Language,
        hints: &Hints<'_>,
    ) -> Result<Heard, Error> {
        let mut failure = None;
        let engines = self.engines();
        for engine in engines.recognisers.iter().filter(|e| reach.includes(e.name()) && e.serves(language)) {
            if let Err(error) = engine.check() {
                failure.get_or_insert(error);
                continue;
            }
            let amount_max = u64::from(speech.duration_ms);
            let (provider, model) = (engine.name(), engine.model_of(language));
            let work = Work { tenant, provider, model, measure: Measure::AudioMs, amount_max, cause };
            let speech = speech.speech();
            let listening = engine.recognise(&speech, language, hints);
            match metered(&self.inner.meter, work, listening).await {
                Err(error) if error.may_pass_elsewhere() => {
                    tracing::warn!(%error, engine = engine.name(), "a recogniser failed");
                    failure.get_or_insert(error);
                }
                done => return done,
            }
        }
        Err(failure.unwrap_or(Error::Unsupported(language)))
    }
}
