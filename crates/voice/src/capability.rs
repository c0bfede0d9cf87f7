//! What can be done in a language on this server, and what would make more possible.

use serde::Serialize;
use utoipa::ToSchema;

/// How one thing is done in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Capability)]
pub struct Capability {
    /// `local`, `provider:<name>`, `browser` (only the reader's own browser may be able to) or `off`.
    pub how: String,
    /// Why it is not better, in one English sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub why: Option<String>,
    /// What the operator can do about it, in one English sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fix: Option<String>,
}

/// How a language is heard, spoken and translated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = VisitVoice)]
pub struct LanguageCapability {
    /// Speech to text.
    pub recognition: Capability,
    /// Text to speech.
    pub speech: Capability,
    /// Free talk into other languages. Offers and prices need none: they are rendered from what was understood.
    pub translation: Capability,
}

/// Whether an engine can work now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It can.
    Ready,
    /// It cannot; each sentence ends with a full stop.
    Off {
        /// What is wrong.
        why: String,
        /// What to do about it.
        fix: String,
    },
}

/// One part of the installation, for `vyapar doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Whether it works.
    pub state: PartState,
    /// What there is or what is wrong, in one sentence.
    pub sentence: String,
    /// What to do about it, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Whether a part of the installation works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// It works.
    Ready,
    /// It is missing, not configured, or refused.
    Off,
}

/// The name that a result carries: `local`, or `provider:<name>`.
pub(crate) fn made_by(name: &str) -> String {
    if name == LOCAL { LOCAL.to_owned() } else { format!("provider:{name}") }
}

/// The name of engines on this machine.
pub(crate) const LOCAL: &str = "local";

impl Capability {
    /// Done by this engine.
    pub(crate) fn by(name: &str) -> Self {
        Self { how: made_by(name), why: None, fix: None }
    }

    /// Left to the browser, where it can.
    pub(crate) fn browser(why: String, fix: String) -> Self {
        Self { how: "browser".to_owned(), why: Some(why), fix: Some(fix) }
    }

    /// Not done.
    pub(crate) fn off(why: String, fix: String) -> Self {
        Self { how: "off".to_owned(), why: Some(why), fix: Some(fix) }
    }
}
