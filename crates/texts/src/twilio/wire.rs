//! The vendor's JSON, as far as it is read.

use serde::Deserialize;

use crate::NotSent;

/// A message that was made.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    status: String,
    error_code: Option<u32>,
}

/// What a refusal says.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    /// The number in the vendor's list of errors.
    pub code: Option<u32>,
}

impl Message {
    pub(super) fn read(body: &[u8]) -> Result<Self, NotSent> {
        serde_json::from_slice(body).map_err(|_| NotSent::Unreachable("the answer is no message"))
    }

    /// Whether the vendor goes on with it.
    pub(super) fn taken(self) -> Result<(), NotSent> {
        match (self.status.as_str(), self.error_code) {
            ("failed" | "undelivered" | "canceled", code) => Err(NotSent::Refused(code.unwrap_or_default())),
            (_, Some(code)) => Err(NotSent::Refused(code)),
            _ => Ok(()),
        }
    }
}
