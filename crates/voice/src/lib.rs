//! Audio in, recognition, translation, speech out: local engines and providers behind the same traits.
//!
//! A recording is prepared (`prepare`: decoded, measured, cleaned), recognised, and what is to be said is translated and
//! spoken. Each of the three is tried with the providers in order and then with the engine on this machine; every result
//! says who made it. A provider speaks a text sentence by sentence, each paid for before it is asked for.
//!
//! **Invariants.** A missing program, library or key never keeps the server from starting: it shows in
//! [`Voice::capability`] and [`Voice::report`] with what to do about it. Provider calls are metered, local work is free.
//! Busy work (decoding, cleaning, encoding) runs on a bounded number of threads. Native code that may crash runs in child
//! processes. Speech made here is labelled synthetic in the file itself. No key and no text reaches the log. A provider that works
//! outside of the allowed regions is never asked.
//!
//! **Deliberately absent**: streaming recognition, voices of real people, any guess at an amount: what was heard is text,
//! and `parley` reads it.

pub mod audio;
pub mod bhashini;
mod capability;
mod config;
mod db;
mod engines;
mod errand;
mod http;
mod jobs;
mod metering;
mod personal;
mod pool;
mod prepared;
pub mod providers;
pub mod residency;
pub mod stt;
pub mod translate;
pub mod tts;

use std::sync::{Arc, PoisonError, RwLock};

use identity::Identity;
use platform::blob::BlobStore;
use platform::jobs::{Handlers, Schedule};
use platform::keys::Keyring;
use platform::meter::Meter;
use platform::seal::Sealer;
use platform::{Clock, Db, Entropy};
use tokio::sync::Semaphore;
use types::Language;
use utoipa_axum::router::OpenApiRouter;

pub use audio::PROBLEMS;
pub use capability::{Capability, Condition, LanguageCapability, Part, PartState};
pub use config::{Config, SpeechCache};
pub use errand::{Errand, Reach};
pub use prepared::{LIMITS, Prepared};
pub use residency::{Region, Residency};
pub use translate::{NUMBERS_DIFFER, Translated};
pub use tts::Spoken;

use crate::engines::{Engines, Fixed};
use crate::jobs::purge_calls::{self, PurgeCalls};
use crate::jobs::purge_speech::{self, PurgeSpeech};
use crate::pool::Pool;
use crate::providers::{Calls, Kept, Probing};
use crate::tts::Cache;

/// The context. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Voice {
    inner: Arc<Inner>,
    /// Where keys of providers are kept; none where only the settings have some.
    kept: Option<Arc<Kept>>,
}

#[derive(Debug)]
struct Inner {
    fixed: Fixed,
    engines: RwLock<Arc<Engines>>,
    /// How providers are called, whatever the key.
    settings: bhashini::Config,
    ground: bhashini::Ground,
    probing: Probing,
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
        let ground = bhashini::Ground {
            clock: clock.clone(),
            pool: pool.clone(),
            residency: config.residency.clone(),
            calls: Arc::new(Calls::default()),
        };
        let fixed = Fixed::of(&config, &ground);
        let inner = Inner {
            engines: RwLock::new(Arc::new(Engines::of(&fixed, Vec::new()))),
            fixed,
            settings: config.bhashini,
            ground,
            probing: Probing::new(1),
            cache: Cache::new(blobs, clock, config.speech_cache),
            pool,
            meter,
            warming_up: Arc::new(Semaphore::new(1)),
        };
        Self { inner: Arc::new(inner), kept: None }
    }

    /// The same, with keys of providers in this database besides that of the settings: once they were looked for
    /// ([`Voice::look_at_keys`]).
    #[must_use]
    pub fn keeping_keys(self, db: Db, entropy: Entropy, keyring: &Keyring, identity: Identity) -> Self {
        let sealer = Sealer::new(keyring, "provider-keys", entropy.clone());
        Self { kept: Some(Arc::new(Kept::new(db, entropy, sealer, identity))), ..self }
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The engines as they are now.
    fn engines(&self) -> Arc<Engines> {
        self.inner.engines.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Works with these from now on.
    fn use_engines(&self, engines: Engines) {
        *self.inner.engines.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(engines);
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let (voice, counting) = (self.clone(), self.clone());
        Handlers::default()
            .on(move |_: PurgeSpeech| purge_speech::run(voice.clone()))
            .on(move |_: PurgeCalls| purge_calls::run(counting.clone()))
            .schedule(Schedule::every(purge_calls::EVERY, &PurgeCalls {}))
            .schedule(Schedule::every(purge_speech::EVERY, &PurgeSpeech {}))
    }

    /// What can be done in a language now.
    pub fn capability(&self, language: Language, reach: Reach) -> LanguageCapability {
        self.engines().capability(language, reach)
    }

    /// Every engine and what is wrong with it. For `vyapar doctor`.
    pub fn report(&self) -> Vec<Part> {
        self.engines().report()
    }
}
