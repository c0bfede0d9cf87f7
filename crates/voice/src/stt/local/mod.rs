//! Recognition on this machine: English, with the library and model of two Debian packages, in a process of its own.
//!
//! The process is the server's own program called with the one argument `recogniser` (which calls [`child::run`]). It is
//! started when somebody begins to speak (at the latest by the first utterance), kept warm, and ended when nobody has spoken
//! for a while, so the server's own memory holds no model. One utterance is heard at a time; a few wait; more are told to come
//! back. A crash, a limit crossed or a timeout costs that one utterance: the next starts a new process.
//!
//! **Invariants.** A missing library or model is a [`Condition::Off`] with a reason and what to do, never a panic. The
//! process gets no environment, so no secret of the server is in it. Unsafe code is in `engine.rs` alone and runs only there.

mod band;
pub mod child;
mod ears;
mod engine;
mod grammar;
mod keeper;
mod places;
mod protocol;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use types::Language;

use self::keeper::{Keeper, Lost};
use self::protocol::{Answer, Utterance};
use super::{Error, Heard, Hints, Recogniser, Speech16k};
use crate::audio::to_pcm16;
use crate::capability::{Condition, LOCAL};

/// When an utterance beyond the queue may be tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Names of products sent along at most, and characters of one.
const NAMES_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 60;

/// Where the recogniser is. All may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// `libpocketsphinx.so.3`; looked for in the usual places where absent.
    pub library: Option<PathBuf>,
    /// The directory of the English model; Debian's where absent.
    pub model: Option<PathBuf>,
    /// The program that runs [`child::run`] when called with the one argument `recogniser`; this program itself where absent.
    pub program: Option<PathBuf>,
    /// How long the process is kept without work; two minutes where absent.
    pub idle: Option<Duration>,
}

/// The recogniser on this machine.
#[derive(Debug)]
pub struct Local {
    config: Config,
    keeper: Keeper,
}

impl Local {
    /// A recogniser. Starts nothing and never fails: see [`Recogniser::condition`].
    pub fn new(config: Config) -> Self {
        let keeper = Keeper::new(config.program.clone(), config.idle);
        Self { config, keeper }
    }
}

#[async_trait]
impl Recogniser for Local {
    fn name(&self) -> &'static str {
        LOCAL
    }

    fn serves(&self, language: Language) -> bool {
        language == Language::English
    }

    fn condition(&self) -> Condition {
        match places::find(self.config.library.as_deref(), self.config.model.as_deref()) {
            Err(off) => off,
            Ok(_) => self.keeper.trouble().map_or(Condition::Ready, |why| places::off(&why)),
        }
    }

    fn must_load(&self) -> bool {
        true
    }

    async fn warm_up(&self, language: Language, goods: &[String]) -> Result<(), Error> {
        if !self.serves(language) {
            return Ok(());
        }
        let Ok(places) = places::find(self.config.library.as_deref(), self.config.model.as_deref()) else {
            return Ok(());
        };
        let ready = self.keeper.warm_up(places, names(goods)).await;
        ready.map_err(|lost| Error::Unavailable(lost.to_string()))
    }

    async fn recognise(
        &self,
        speech: &Speech16k<'_>,
        language: Language,
        hints: &Hints<'_>,
    ) -> Result<Heard, Error> {
        if !self.serves(language) {
            return Err(Error::Unsupported(language));
        }
        let places = match places::find(self.config.library.as_deref(), self.config.model.as_deref()) {
            Ok(places) => places,
            Err(Condition::Off { why, .. }) => return Err(Error::Unavailable(why)),
            Err(Condition::Ready) => return Err(Error::NothingHeard),
        };
        let samples = to_pcm16(speech.samples);
        let utterance = Utterance {
            expecting: hints.expecting,
            names: names(hints.names),
            source_rate_hz: speech.source_rate_hz,
            samples: u32::try_from(samples.len()).unwrap_or(u32::MAX),
        };
        match self.keeper.ask(places, utterance, &samples).await {
            Ok(Answer::Heard(words)) => Ok(Heard {
                text: words.text,
                alternatives: words.alternatives,
                confidence: Some(words.confidence),
                made_by: LOCAL.to_owned(),
            }),
            Ok(Answer::Nothing | Answer::Ready) => Err(Error::NothingHeard),
            Ok(Answer::Failed { why }) => Err(Error::Unavailable(why)),
            Err(Lost::Queue) => Err(Error::Busy { retry_after: RETRY_AFTER }),
            Err(lost) => Err(Error::Unavailable(lost.to_string())),
        }
    }
}

/// The names worth sending.
fn names(names: &[String]) -> Vec<String> {
    let short = names.iter().filter(|name| name.chars().count() <= NAME_CHARS_MAX);
    short.take(NAMES_MAX).cloned().collect()
}
