//! What a key consists of, and how it is kept: sealed, for its own row.

use platform::seal::{Sealer, Unopenable};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use types::ProviderKeyId;

use crate::bhashini;

/// The shortest and the longest key, and the longest name of a user there.
const KEY_BYTES: (usize, usize) = (8, 200);
/// Of a key this much is shown.
const TAIL_CHARS: usize = 4;

/// What a provider is shown.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// Who calls, where the provider wants to know.
    pub user: Option<String>,
    /// The key.
    pub key: SecretString,
}

/// How it is written before it is sealed.
#[derive(Serialize, Deserialize)]
struct Written {
    user: Option<String>,
    key: String,
}

/// A text that no provider takes as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has {} to {} letters, digits and signs without spaces", KEY_BYTES.0, KEY_BYTES.1)]
pub struct NotAKey;

/// The place that a sealed key belongs to.
pub(crate) fn place(key: ProviderKeyId) -> String {
    format!("provider_keys/sealed/{key}")
}

impl Credentials {
    /// What somebody typed, without the spaces that came along.
    pub fn given(user: Option<&str>, key: &SecretString) -> Result<Self, NotAKey> {
        let user = user.map(str::trim).filter(|user| !user.is_empty());
        let key = key.expose_secret().trim();
        let is_word = |text: &str| text.len() <= KEY_BYTES.1 && text.bytes().all(|b| b.is_ascii_graphic());
        if key.len() < KEY_BYTES.0 || !is_word(key) || !user.is_none_or(is_word) {
            return Err(NotAKey);
        }
        Ok(Self { user: user.map(str::to_owned), key: key.to_owned().into() })
    }

    /// The last characters, by which people tell keys apart.
    pub fn tail(&self) -> String {
        tail(self.key.expose_secret())
    }

    pub fn seal(&self, sealer: &Sealer, id: ProviderKeyId) -> Vec<u8> {
        let written = Written { user: self.user.clone(), key: self.key.expose_secret().to_owned() };
        let plain = serde_json::to_vec(&written).expect("two texts can be written");
        sealer.seal(&place(id), &plain)
    }

    pub fn open(sealer: &Sealer, id: ProviderKeyId, sealed: &[u8]) -> Result<Self, Unopenable> {
        let plain = sealer.open(&place(id), sealed)?;
        let Written { user, key } = serde_json::from_slice(&plain).map_err(|_| Unopenable)?;
        Ok(Self { user, key: key.into() })
    }

    /// The settings with these in place of their own: with a user the configuration call is made, without one the key is
    /// that of the compute call.
    pub fn in_place_of(self, settings: &bhashini::Config) -> bhashini::Config {
        let mut config = settings.clone();
        (config.user_id, config.api_key, config.inference_key) = match self.user {
            Some(user) => (Some(user), Some(self.key), None),
            None => (None, None, Some(self.key)),
        };
        config
    }
}

/// The last characters of a key.
pub(crate) fn tail(key: &str) -> String {
    let skip = key.chars().count().saturating_sub(TAIL_CHARS);
    key.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_word_of_some_length() {
        let given = |user: Option<&str>, key: &str| {
            Credentials::given(user, &key.to_owned().into()).map(|given| (given.user.clone(), given.tail()))
        };
        assert_eq!(given(Some(" u1 "), " abcdefgh \n").unwrap(), (Some("u1".to_owned()), "efgh".to_owned()));
        assert_eq!(given(Some("  "), "abcdefgh").unwrap().0, None);
        for wrong in ["", "abcdefg", "abcd efgh", "abcdéfgh", "a\nbcdefgh"] {
            assert!(given(None, wrong).is_err(), "{wrong:?}");
        }
        assert!(given(None, &"x".repeat(201)).is_err());
        assert!(given(Some("a b"), "abcdefgh").is_err());
    }
}
