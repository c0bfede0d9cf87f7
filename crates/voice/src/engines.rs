//! Which engines there are, in the order they are tried: providers first, this machine last.

use std::sync::Arc;

use platform::Clock;
use types::Language;

use crate::bhashini::Bhashini;
use crate::capability::{Capability, Condition, LOCAL, LanguageCapability, Part, PartState};
use crate::config::Config;
use crate::errand::Reach;
use crate::pool::Pool;
use crate::stt::{Recogniser, local};
use crate::translate::Translator;
use crate::tts::{Espeak, Synthesiser};

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
    pub fn capability(&self, language: Language, reach: Reach) -> LanguageCapability {
        let name = language.english_name();
        let hear = self
            .recognisers
            .iter()
            .filter(|e| reach.includes(e.name()) && e.serves(language))
            .map(|e| (e.name(), e.condition()));
        let speak = self
            .synthesisers
            .iter()
            .filter(|e| reach.includes(e.name()) && e.serves(language))
            .map(|e| (e.name(), e.condition()));
        let translates =
            |e: &&Arc<dyn Translator>| Language::ALL.into_iter().any(|to| e.serves(language, to));
        let translate = self
            .translators
            .iter()
            .filter(|e| reach.includes(e.name()))
            .filter(translates)
            .map(|e| (e.name(), e.condition()));
        LanguageCapability {
            recognition: first_ready(hear, Capability::browser, || {
                format!("This server does not understand spoken {name}.")
            }),
            speech: first_ready(speak, Capability::off, || format!("This server has no voice for {name}.")),
            translation: first_ready(translate, Capability::off, || {
                "Offers and prices are said in both languages; other talk is shown as it was written."
                    .to_owned()
            }),
        }
    }

    /// Every engine and what is wrong with it.
    pub fn report(&self) -> Vec<Part> {
        let hears = self.recognisers.iter().map(|e| (e.name(), "recogniser", e.condition()));
        let speaks = self.synthesisers.iter().map(|e| (e.name(), "voice", e.condition()));
        let parts = hears.chain(speaks).filter(|(name, ..)| *name == LOCAL);
        let mut parts: Vec<Part> = parts.map(|(_, kind, condition)| part(kind, condition)).collect();
        parts.push(match self.translators.first() {
            Some(bhashini) => part("BHASHINI", bhashini.condition()),
            None => Part {
                name: "BHASHINI",
                state: PartState::Off,
                sentence: "No key of BHASHINI is in the settings, so talk is not translated.".to_owned(),
                fix: Some(ADD_A_KEY.to_owned()),
            },
        });
        parts
    }
}

/// The first engine that can work. Where none can: what then, and why the first cannot, or that there is none.
fn first_ready(
    engines: impl Iterator<Item = (&'static str, Condition)>,
    otherwise: fn(String, String) -> Capability,
    there_is_none: impl Fn() -> String,
) -> Capability {
    let mut off = None;
    for (name, condition) in engines {
        match condition {
            Condition::Ready => return Capability::by(name),
            Condition::Off { why, fix } => off = off.or(Some((why, fix))),
        }
    }
    let (why, fix) = off.unwrap_or_else(|| (there_is_none(), ADD_A_KEY.to_owned()));
    otherwise(why, fix)
}

fn part(name: &'static str, condition: Condition) -> Part {
    match condition {
        Condition::Ready => {
            Part { name, state: PartState::Ready, sentence: "It works.".to_owned(), fix: None }
        }
        Condition::Off { why, fix } => Part { name, state: PartState::Off, sentence: why, fix: Some(fix) },
    }
}
