//! What clients send under ids of their own, so that what is sent again is known.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The hash by which what is sent again is compared with what was sent: SHA-256 over its JSON. It may reach a later build, so what is
/// added to a type must not be written where it is absent.
///
/// # Errors
/// It cannot be written as JSON.
pub fn content_hash(sent: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    Ok(Sha256::digest(serde_json::to_vec(sent)?).to_vec())
}
