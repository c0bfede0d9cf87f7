//! Audio in, recognition, translation, speech out: local engines and providers behind the same traits.
//!
//! A recording is prepared (`prepare`: decoded, measured, cleaned), recognised, and what is to be said is translated and
//! spoken. Each of the three is tried with the providers in order and then with the engine on this machine; every result
//! says who made it. A provider speaks a text sentence by sentence, each paid for before it is asked for.
//!
//! **Invariants.** A missing program, library or key never keeps the server from starting: it shows in
//! [`Voice::capability`] and [`Voice::report`] with what to do about it. Provider calls are metered, local work is free.
//! Busy work (decoding, cleaning, encoding) runs on a bounded number of threads. Native code that may crash runs in child
//! processes. Speech made here is labelled synthetic in the file itself. No key and no text reaches the log.
//!
//! **Deliberately absent**: streaming recognition, voices of real people, any guess at an amount: what was heard is text,
//! and `parley` reads it.

pub mod audio;
pub mod bhashini;
mod capability;
mod config;
mod engines;
mod errand;
mod jobs;
mod metering;
mod pool;
mod prepared;
pub mod stt;
pub mod translate;
pub mod tts;

use std::sync::Arc;

use platform::Clock;
use platform::blob::BlobStore;
use platform::jobs::{Handlers, Schedule};
use platform::meter::Meter;
use tokio::sync::Semaphore;
use types::Language;

pub use audio::PROBLEMS;
pub use capability::{Capability, Condition, LanguageCapability, Part, PartState};
pub use config::{Config, SpeechCache};
pub use errand::{Errand, Reach};
pub use prepared::{LIMITS, Prepared};
pub use translate::{NUMBERS_DIFFER, Translated};
pub use tts::Spoken;

use crate::engines::Engines;
use crate::jobs::purge_speech::{self, PurgeSpeech};
use crate::pool::Pool;
use crate::tts::Cache;

/// The context. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Voice {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engines: Engines,
    cache: Cache,
    pool: Pool,
    meter: Arc<dyn Meter>,
    /// One turn: who gets a recogniser ready.
    warming_up: Arc<Semaphore>,
}

impl Voice {
    /// The context. Never fails: what is missing is told by [`Voice::capability`].
    pub fn new(config: Config, clock: Clock, blobs: BlobStore, meter: Arc<dyn Meter>) -> Self {
        let pool = Pool::new();
        let engines = Engines::of(&config, &clock, &pool);
        let cache = Cache::new(blobs, clock, config.speech_cache);
        let warming_up = Arc::new(Semaphore::new(1));
        Self { inner: Arc::new(Inner { engines, cache, pool, meter, warming_up }) }
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let voice = self.clone();
        Handlers::default()
            .on(move |_: PurgeSpeech| purge_speech::run(voice.clone()))
            .schedule(Schedule::every(purge_speech::EVERY, &PurgeSpeech {}))
    }

    /// What can be done in a language now.
    pub fn capability(&self, language: Language, reach: Reach) -> LanguageCapability {
        self.inner.engines.capability(language, reach)
    }

    /// Every engine and what is wrong with it. For `vyapar doctor`.
    pub fn report(&self) -> Vec<Part> {
        self.inner.engines.report()
    }
}
