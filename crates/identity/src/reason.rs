//! Why an operator does something.

use chrono::{DateTime, Utc};
use platform::text::{self, TextError};
use serde::Deserialize;
use types::PersonId;
use utoipa::ToSchema;

/// The longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;

/// Why an operator does something, for the record that is kept of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct OperatorReason {
    /// One line of 1 to 200 characters.
    pub reason: String,
}

impl OperatorReason {
    /// The reason as it is kept.
    ///
    /// # Errors
    /// It is empty or too long.
    pub fn line(&self) -> Result<String, TextError> {
        text::line(&self.reason, REASON_CHARS_MAX)
    }
}

/// What somebody did, as it is kept beside what it was done to: `frozen 2026-11-26T10:00:00Z by …: asked by the police`.
pub fn act_line(what: &str, person: PersonId, reason: &str, now: DateTime<Utc>) -> String {
    format!("{what} {} by {person}: {reason}", now.format("%Y-%m-%dT%H:%M:%SZ"))
}
