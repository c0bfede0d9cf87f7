//! Text to speech: what every synthesiser takes and answers, and how one is chosen. A provider speaks sentence by sentence.

mod cache;
mod espeak;
mod sentences;
mod wording;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use platform::meter::{self, Cause, Measure, Work};
use types::{Language, TenantId};

use crate::Voice;
use crate::audio::{Encoding, duration_ms, encode, normalise};
use crate::capability::{Condition, LOCAL, made_by};
use crate::errand::Errand;
use crate::metering::Failure;

pub(crate) use cache::{Cache, Wanted};
pub(crate) use espeak::Espeak;
use wording::worded;

/// Bits a second of spoken answers: clear speech, 3 kB a second.
const BITS_PER_SECOND: i32 = 24_000;

/// The longest text that is spoken, in characters: more than any deal and any sentence of talk.
pub const TEXT_CHARS_MAX: usize = 600;

/// Speech that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Ogg Opus ([`crate::audio::CONTENT_TYPE`]), labelled synthetic.
    pub ogg: Bytes,
    /// `local` or `provider:<name>`.
    pub made_by: String,
    /// Length in milliseconds.
    pub duration_ms: u32,
}

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

    /// What of the provider's speaks this language, where it names it.
    fn model_of(&self, _language: Language) -> Option<String> {
        None
    }

    /// Names the voice and every setting that changes its sound: part of the cache's key.
    fn voice_of(&self, language: Language) -> String;

    /// Speaks a text of 1 to [`TEXT_CHARS_MAX`] characters: mono samples of 16 kHz, at whatever loudness.
    ///
    /// # Errors
    /// [`Error::Busy`] and [`Error::Unavailable`] may be tried elsewhere or later.
    async fn speak(&self, text: &str, language: Language) -> Result<Vec<f32>, Error>;
}

impl Failure for Error {
    fn may_pass_elsewhere(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unavailable(_) | Self::Unsupported(_) | Self::Meter(_) => true,
            Self::Empty | Self::TooLong => false,
        }
    }

    fn is_charged(&self) -> bool {
        false
    }
}

impl Voice {
    /// Speaks a text, or finds it spoken before: the providers in order, then this machine. Signs, amounts of money and
    /// short names of units are put into words first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn speak(
        &self,
        Errand { tenant, cause, reach }: Errand,
        text: &str,
        language: Language,
    ) -> Result<Spoken, Error> {
        if text.chars().nth(TEXT_CHARS_MAX).is_some() {
            return Err(Error::TooLong);
        }
        let text = worded(text, language);
        if text.is_empty() {
            return Err(Error::Empty);
        }
        let mut failure = None;
        let engines = self.engines();
        for engine in engines.synthesisers.iter().filter(|e| reach.includes(e.name()) && e.serves(language)) {
            let voice = engine.voice_of(language);
            let wanted = Wanted { text: &text, language, engine: engine.name(), voice: &voice };
            match self.speak_with(engine.as_ref(), wanted, (tenant, cause)).await {
                Err(error) if error.may_pass_elsewhere() => {
                    tracing::warn!(%error, engine = engine.name(), "a voice failed");
                    failure.get_or_insert(error);
                }
                done => return done,
            }
        }
        Err(failure.unwrap_or(Error::Unsupported(language)))
    }

    async fn speak_with(
        &self,
        engine: &dyn Synthesiser,
        wanted: Wanted<'_>,
        (tenant, cause): (TenantId, Cause),
    ) -> Result<Spoken, Error> {
        let cache = &self.inner.cache;
        if let Some(spoken) = cache.find(wanted).await {
            return Ok(spoken);
        }
        let turn = cache.turn_of(wanted);
        let _held = turn.lock().await;
        if let Some(spoken) = cache.find(wanted).await {
            return Ok(spoken);
        }
        engine.check()?;
        let amount_max = wanted.text.chars().count() as u64;
        let (provider, model) = (engine.name(), engine.model_of(wanted.language));
        let work = Work { tenant, provider, model, measure: Measure::SpeechCharacters, amount_max, cause };
        let samples = if provider == LOCAL {
            engine.speak(wanted.text, wanted.language).await?
        } else {
            self.speak_sentences(engine, wanted, work).await?
        };
        let spoken = self.finish(samples, wanted).await?;
        cache.keep(wanted, spoken.ogg.clone()).await;
        Ok(spoken)
    }

    /// Brings speech to one loudness and writes the file.
    async fn finish(&self, mut samples: Vec<f32>, wanted: Wanted<'_>) -> Result<Spoken, Error> {
        let (language, made_by) = (wanted.language.code(), made_by(wanted.engine));
        let source = made_by.clone();
        let work = move || {
            normalise(&mut samples);
            let encoding =
                Encoding { bits_per_second: BITS_PER_SECOND, synthetic: true, language, source: &source };
            encode(&samples, &encoding).map(|ogg| (ogg, duration_ms(samples.len())))
        };
        let encoded = self.inner.pool.run(work).await?;
        let (ogg, duration_ms) = encoded.map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Spoken { ogg: ogg.into(), made_by, duration_ms })
    }
}
