//! Why an operator does something.

use platform::text::{self, TextError};
use serde::Deserialize;
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
