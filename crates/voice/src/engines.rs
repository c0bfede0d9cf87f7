//! Which engines there are, in the order they are tried: providers first, this machine last.

use std::sync::Arc;

use types::{Language, ProviderKeyId};
use uuid::Uuid;

use crate::bhashini::{self, Bhashini, Desk};
use crate::capability::{Capability, Condition, LOCAL, LanguageCapability, Part, PartState};
use crate::config::Config;
use crate::errand::Reach;
use crate::residency::Residency;
use crate::stt::{Recogniser, local};
use crate::translate::Translator;
use crate::tts::{Espeak, Synthesiser};

/// What would make more possible.
const ADD_A_KEY: &str = "Add a key of BHASHINI at /op/providers, or to the settings under voice.bhashini.";

/// The key of the settings among those that are kept.
pub(crate) const OF_SETTINGS: ProviderKeyId = ProviderKeyId::from_uuid(Uuid::nil());

/// What does not change while the program runs: the engines of this machine, and the provider of the settings.
#[derive(Debug)]
pub(crate) struct Fixed {
    recogniser: Arc<local::Local>,
    voice: Arc<Espeak>,
    provider: Option<Arc<Bhashini>>,
    residency: Residency,
}

/// The engines of this installation.
#[derive(Debug)]
pub(crate) struct Engines {
    pub recognisers: Vec<Arc<dyn Recogniser>>,
    pub synthesisers: Vec<Arc<dyn Synthesiser>>,
    pub translators: Vec<Arc<dyn Translator>>,
    /// Every provider whose key is on, also one that is not asked because of where it works.
    pub providers: Vec<Arc<Bhashini>>,
    residency: Residency,
}

impl Fixed {
    /// What the configuration and this machine offer.
    pub fn of(config: &Config, ground: &bhashini::Ground) -> Self {
        let recogniser = local::Local::new(local::Config {
            library: config.pocketsphinx_library.clone(),
            model: config.pocketsphinx_model.clone(),
            program: config.recogniser_program.clone(),
            idle: None,
        });
        let provider = Bhashini::of(&config.bhashini, OF_SETTINGS, Desk::Settings, ground);
        Self {
            recogniser: Arc::new(recogniser),
            voice: Arc::new(Espeak::of(config.espeak.as_deref(), ground.pool.clone())),
            provider: provider.map(Arc::new),
            residency: config.residency.clone(),
        }
    }
}

impl Engines {
    /// Those with the keys that are kept, in their order, then that of the settings, then this machine.
    pub fn of(fixed: &Fixed, kept: Vec<Arc<Bhashini>>) -> Self {
        let providers: Vec<_> = kept.into_iter().chain(fixed.provider.clone()).collect();
        let mut engines = Self {
            recognisers: Vec::new(),
            synthesisers: Vec::new(),
            translators: Vec::new(),
            residency: fixed.residency.clone(),
            providers: providers.clone(),
        };
        for provider in providers.into_iter().filter(|provider| provider.is_inside()) {
            engines.recognisers.push(provider.clone());
            engines.synthesisers.push(provider.clone());
            engines.translators.push(provider);
        }
        engines.recognisers.push(fixed.recogniser.clone());
        engines.synthesisers.push(fixed.voice.clone());
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
        // A browser's own recogniser is its maker's, who works wherever they like.
        let otherwise = if self.residency.is_bound() { Capability::off } else { Capability::browser };
        LanguageCapability {
            recognition: self
                .first_ready(hear, otherwise, || format!("This server does not understand spoken {name}.")),
            speech: self
                .first_ready(speak, Capability::off, || format!("This server has no voice for {name}.")),
            translation: self.first_ready(translate, Capability::off, || {
                "Offers and prices are said in both languages; other talk is shown as it was written."
                    .to_owned()
            }),
        }
    }

    /// The first engine that can work. Where none can: what then, and why the first cannot, or that there is none.
    fn first_ready(
        &self,
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
        let (why, fix) = off.unwrap_or_else(|| (there_is_none(), self.fix()));
        otherwise(why, fix)
    }

    /// What would make more possible.
    fn fix(&self) -> String {
        match self.providers.first().map(|provider| provider.condition_now()) {
            Some(Condition::Off { fix, .. }) => fix,
            _ => ADD_A_KEY.to_owned(),
        }
    }

    /// Every engine and what is wrong with it.
    pub fn report(&self) -> Vec<Part> {
        let hears = self.recognisers.iter().map(|e| (e.name(), "recogniser", e.condition()));
        let speaks = self.synthesisers.iter().map(|e| (e.name(), "voice", e.condition()));
        let parts = hears.chain(speaks).filter(|(name, ..)| *name == LOCAL);
        let mut parts: Vec<Part> = parts.map(|(_, kind, condition)| part(kind, condition)).collect();
        // The first that works, else what is wrong with the first.
        let conditions = || self.providers.iter().map(|provider| provider.condition_now());
        let told =
            conditions().find(|condition| *condition == Condition::Ready).or_else(|| conditions().next());
        parts.push(match told {
            Some(condition) => part(bhashini::CALLED, condition),
            None => Part {
                name: bhashini::CALLED,
                state: PartState::Off,
                sentence: "No key of BHASHINI is in the settings, so talk is not translated.".to_owned(),
                fix: Some(ADD_A_KEY.to_owned()),
            },
        });
        parts.push(Part {
            name: "residency",
            state: PartState::Ready,
            sentence: format!("Words may go to providers: {}.", self.residency.described()),
            fix: None,
        });
        parts
    }
}

fn part(name: &'static str, condition: Condition) -> Part {
    match condition {
        Condition::Ready => {
            Part { name, state: PartState::Ready, sentence: "It works.".to_owned(), fix: None }
        }
        Condition::Off { why, fix } => Part { name, state: PartState::Off, sentence: why, fix: Some(fix) },
    }
}
