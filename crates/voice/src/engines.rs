//! Which engines there are, in the order they are tried: providers first, this machine last.

use std::sync::Arc;

use platform::Clock;
use types::Language;

use crate::bhashini::Bhashini;
use crate::capability::{Capability, Condition, LanguageCapability};
use crate::config::Config;
use crate::pool::Pool;
use crate::stt::{Recogniser, local};
use crate::translate::Translator;
use crate::tts::{Espeak, Synthesiser};
use crate::{Part, PartState};

/// What would make more possible.
const ADD_A_KEY: &str = "Add a key of BHASHINI to the settings under voice.bhashini.";

/// The engines of this installation.
#[derive(Debug)]
pub(crate) struct Engines {
    pub recognisers: Vec<Arc<dyn Recogniser>>,
    pub synthesisers: Vec<Arc<dyn Synthesiser>>,
    pub translators: Vec<Arc<dyn Translator>>,
}

impl Engines {
    /// What the configuration and this machine offer.
    pub fn of(config: &Config, clock: &Clock, pool: &Pool) -> Self {
        let mut engines = Self { recognisers: Vec::new(), synthesisers: Vec::new(), translators: Vec::new() };
        if let Some(bhashini) = Bhashini::of(&config.bhashini, clock.clone(), pool.clone()) {
            let bhashini = Arc::new(bhashini);
            engines.recognisers.push(bhashini.clone());
            engines.synthesisers.push(bhashini.clone());
            engines.translators.push(bhashini);
        }
        engines.recognisers.push(Arc::new(local::Local::new(local::Config {
            library: config.pocketsphinx_library.clone(),
            model: config.pocketsphinx_model.clone(),
            program: config.recogniser_program.clone(),
            idle: None,
        })));
        engines.synthesisers.push(Arc::new(Espeak::of(config.espeak.as_deref(), pool.clone())));
        engines
    }

    /// What can be done in a language now.
    pub fn capability(&self, language: Language) -> LanguageCapability {
        let name = language.english_name();
        let recognisers = self.recognisers.iter().filter(|e| e.serves(language));
        let synthesisers = self.synthesisers.iter().filter(|e| e.serves(language));
        let translators = self
            .translators
            .iter()
            .filter(|e| Language::ALL.into_iter().any(|other| e.serves(language, other)));
        let add = || ADD_A_KEY.to_owned();
        LanguageCapability {
            recognition: first_ready(recognisers.map(|e| (e.name(), e.condition()))).unwrap_or_else(|off| {
                let (why, fix) =
                    off.unwrap_or_else(|| (format!("This server does not understand spoken {name}."), add()));
                Capability::browser(why, fix)
            }),
            speech: first_ready(synthesisers.map(|e| (e.name(), e.condition()))).unwrap_or_else(|off| {
                let (why, fix) =
                    off.unwrap_or_else(|| (format!("This server has no voice for {name}."), add()));
                Capability::off(why, fix)
            }),
            translation: first_ready(translators.map(|e| (e.name(), e.condition()))).unwrap_or_else(|off| {
                let why =
                    "Offers and prices are said in both languages; other talk is shown as it was written.";
                let (why, fix) = off.unwrap_or_else(|| (why.to_owned(), add()));
                Capability::off(why, fix)
            }),
        }
    }

    /// Every engine and what is wrong with it.
    pub fn report(&self) -> Vec<Part> {
        let hears = self.recognisers.iter().map(|e| (e.name(), "recogniser", e.condition()));
        let speaks = self.synthesisers.iter().map(|e| (e.name(), "voice", e.condition()));
        let parts = hears.chain(speaks).filter(|(name, ..)| *name == crate::capability::LOCAL);
        let mut parts: Vec<Part> = parts.map(|(_, kind, condition)| part(kind, condition)).collect();
        parts.push(match self.translators.first() {
            Some(bhashini) => part("BHASHINI", bhashini.condition()),
            None => Part {
                name: "BHASHINI",
                state: PartState::Off,
                sentence: "No key is configured: only English is recognised, and talk is not translated."
                    .to_owned(),
                fix: Some(ADD_A_KEY.to_owned()),
            },
        });
        parts
    }
}

/// The first engine that can work, or why the first one cannot.
fn first_ready(
    engines: impl Iterator<Item = (&'static str, Condition)>,
) -> Result<Capability, Option<(String, String)>> {
    let mut off = None;
    for (name, condition) in engines {
        match condition {
            Condition::Ready => return Ok(Capability::by(name)),
            Condition::Off { why, fix } => off = off.or(Some((why, fix))),
        }
    }
    Err(off)
}

fn part(name: &'static str, condition: Condition) -> Part {
    match condition {
        Condition::Ready => {
            Part { name, state: PartState::Ready, sentence: "It works.".to_owned(), fix: None }
        }
        Condition::Off { why, fix } => Part { name, state: PartState::Off, sentence: why, fix: Some(fix) },
    }
}
