//! A head start: what a recogniser has to load is loaded while somebody speaks, and not after.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use types::Language;

use crate::Voice;

/// The right to get a recogniser ready; one at a time.
#[derive(Debug)]
pub struct WarmUp {
    voice: Voice,
    _turn: OwnedSemaphorePermit,
}

impl Voice {
    /// The right to get a recogniser ready because somebody begins to speak. `None` where no engine that can work has
    /// anything to load, or while one is being got ready: then there is nothing to do.
    pub fn warm_up(&self) -> Option<WarmUp> {
        let engines = self.engines();
        engines.recognisers.iter().find(|e| e.must_load() && e.check().is_ok())?;
        let turn = Arc::clone(&self.inner.warming_up).try_acquire_owned().ok()?;
        Some(WarmUp { voice: self.clone(), _turn: turn })
    }
}

impl WarmUp {
    /// Has the engine that will hear this language load what it needs, at a stall that sells these. Where that fails the
    /// utterance itself will say so.
    pub async fn before(self, language: Language, names: &[String]) {
        let engines = self.voice.engines();
        let Some(engine) = engines.recognisers.iter().find(|e| e.serves(language) && e.check().is_ok())
        else {
            return;
        };
        if let Err(error) = engine.warm_up(language, names).await {
            tracing::warn!(%error, engine = engine.name(), "a recogniser could not be got ready");
        }
    }
}
