//! Audio in, recognition, translation, speech out: local engines and providers behind the same traits.
//!
//! A recording is prepared (`prepare`: decoded, measured, cleaned), recognised, and what is to be said is translated and
//! spoken. Each of the three is tried with the providers in order and then with the engine on this machine; every result
//! says who made it.
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
mod prepared;
pub mod stt;
pub mod translate;
pub mod tts;

use std::sync::Arc;

use bytes::Bytes;
use platform::Clock;
use platform::blob::BlobStore;
use platform::jobs::Handlers;
use platform::meter::Meter;
use types::{Language, TenantId};
use uuid::Uuid;

pub use audio::PROBLEMS;
pub use capability::{Capability, Condition, LanguageCapability};
pub use config::{Config, SpeechCache};
pub use prepared::Prepared;

/// The context. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Voice {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    clock: Clock,
    blobs: BlobStore,
    meter: Arc<dyn Meter>,
}

/// Speech that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Ogg Opus ([`audio::CONTENT_TYPE`]), labelled synthetic.
    pub ogg: Bytes,
    /// `local` or `provider:<name>`.
    pub made_by: String,
    /// Length in milliseconds.
    pub duration_ms: u32,
}

/// A text in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translated {
    /// The translation.
    pub text: String,
    /// `provider:<name>`.
    pub made_by: String,
    /// [`NUMBERS_DIFFER`] where numbers, units or names changed: show the original with it.
    pub warning: Option<&'static str>,
}

/// The warning of a translation that changed a number, a unit or a name.
pub const NUMBERS_DIFFER: &str = "numbers-differ";

/// One part of the installation, for `vyapar doctor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is: `espeak-ng`.
    pub name: &'static str,
    /// Whether it works.
    pub state: PartState,
    /// What there is or what is wrong, in one sentence.
    pub sentence: String,
    /// What to do about it, in one sentence.
    pub fix: Option<String>,
}

/// Whether a part of the installation works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// It works.
    Ready,
    /// It is missing, not configured, or refused.
    Off,
}

impl Voice {
    /// The context. Never fails: what is missing is told by [`Voice::capability`].
    pub fn new(config: Config, clock: Clock, blobs: BlobStore, meter: Arc<dyn Meter>) -> Self {
        Self { inner: Arc::new(Inner { config, clock, blobs, meter }) }
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        Handlers::default()
    }

    /// What can be done in a language now.
    pub fn capability(&self, language: Language) -> LanguageCapability {
        todo!()
    }

    /// Whether somebody translates between these languages.
    pub fn can_translate(&self, from: Language, to: Language) -> bool {
        todo!()
    }

    /// Decodes and cleans a recording.
    ///
    /// # Errors
    /// See [`audio::Error`]; all but `Busy` and `BrokenOff` are final.
    pub async fn prepare(&self, recording: Bytes) -> Result<Prepared, audio::Error> {
        todo!()
    }

    /// Recognises speech: the providers in order, then the engine on this machine.
    ///
    /// # Errors
    /// See [`stt::Error`].
    pub async fn recognise(
        &self,
        tenant: TenantId,
        cause: Uuid,
        speech: &Prepared,
        language: Language,
        hints: &stt::Hints<'_>,
    ) -> Result<stt::Heard, stt::Error> {
        todo!()
    }

    /// Speaks a text, or finds it spoken before.
    ///
    /// # Errors
    /// See [`tts::Error`].
    pub async fn speak(
        &self,
        tenant: TenantId,
        cause: Uuid,
        text: &str,
        language: Language,
    ) -> Result<Spoken, tts::Error> {
        todo!()
    }

    /// Translates a text and checks that numbers, units and names survived.
    ///
    /// # Errors
    /// See [`translate::Error`].
    pub async fn translate(
        &self,
        tenant: TenantId,
        cause: Uuid,
        line: &translate::Line<'_>,
    ) -> Result<Translated, translate::Error> {
        todo!()
    }

    /// Every engine and what is wrong with it.
    pub fn report(&self) -> Vec<Part> {
        todo!()
    }
}
