//! `Idempotency-Key`: the first answer under a key is every later one's, errors and all.
//!
//! Nothing is kept where the parameters were refused. A 500 is kept, even one on command, as the vendor keeps it.

use axum::body::Bytes;
use axum::http::StatusCode;

use super::account::Account;
use super::error::{Error, Result};
use crate::shelf::Kept;

/// The longest key.
const KEY_CHARS_MAX: usize = 255;
/// The vendor keeps keys for at least this long.
const KEPT_MS: i64 = 24 * 3_600_000;

/// One use of a key.
#[derive(Debug)]
pub(crate) struct Used {
    key: String,
    path: String,
    /// The parameters, in an order of their own.
    params: String,
    at_ms: i64,
    /// The answer, once there is one.
    answer: Option<Saved>,
}

/// An answer under a key.
#[derive(Debug, Clone)]
pub(crate) struct Saved {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    /// The id of the request that got it.
    pub(crate) request: String,
}

impl Kept for Used {
    fn id(&self) -> &str {
        &self.key
    }
}

/// A request under a key.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    pub(crate) path: String,
    params: String,
}

impl Keyed {
    /// A request by its key, its path and its body as it was sent.
    pub(crate) fn new(key: String, path: String, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let mut pairs: Vec<&str> = text.split('&').collect();
        pairs.sort_unstable();
        Self { key, path, params: pairs.join("&") }
    }
}

impl Account {
    /// Takes a key into use, or finds the answer it got.
    pub(crate) fn begin_keyed(&mut self, keyed: &Keyed, now_ms: i64) -> Result<Option<Saved>> {
        if keyed.key.chars().count() > KEY_CHARS_MAX {
            return Err(Error::refused("Idempotency keys can be at most 255 characters long."));
        }
        match self.keys.get(&keyed.key).filter(|used| now_ms - used.at_ms < KEPT_MS) {
            Some(used) if used.path != keyed.path => {
                let sentence = format!(
                    "for the same endpoint they were first used for ('{}' vs '{}').",
                    keyed.path, used.path
                );
                Err(Error::key_reused(&sentence, &keyed.key))
            }
            Some(used) if used.params != keyed.params => {
                let sentence = "with the same parameters they were first used with.";
                Err(Error::key_reused(sentence, &keyed.key))
            }
            Some(Used { answer: Some(saved), .. }) => Ok(Some(saved.clone())),
            Some(_) => Err(Error::key_in_use(&keyed.key)),
            None => {
                self.save_keyed(keyed, now_ms, None);
                Ok(None)
            }
        }
    }

    /// Keeps an answer under its key, in place of one that was there.
    pub(crate) fn save_keyed(&mut self, keyed: &Keyed, at_ms: i64, answer: Option<Saved>) {
        let Keyed { key, path, params } = keyed.clone();
        self.keys.put(Used { key, path, params, at_ms, answer });
    }

    /// Frees a key for another try.
    pub(crate) fn free_keyed(&mut self, key: &str) {
        self.keys.remove(key);
    }
}
