//! The installation's secret, and the keys derived from it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::Entropy;

/// The file in the data directory that holds the master key, as 64 hexadecimal digits.
const FILE: &str = "master.key";

/// The installation's master key. Purposes get keys of their own from it and never see each other's.
#[derive(Clone)]
pub struct Keyring {
    master: [u8; 32],
}

/// A key for authenticating short texts: QR codes, tickets, cursors.
#[derive(Clone)]
pub struct SigningKey {
    key: [u8; 32],
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read or written.
    #[error("the master key {0} cannot be read or written")]
    File(String, #[source] std::io::Error),
    /// The file or setting is not 64 hexadecimal digits.
    #[error("the master key is not 64 hexadecimal digits: restore it from the backup")]
    Malformed,
}

impl Keyring {
    /// Reads the master key from the data directory, or makes one (mode 0600) at the first start.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn open(data_dir: &Path, entropy: &Entropy) -> Result<Self, Error> {
        let path = data_dir.join(FILE);
        let named = |e| Error::File(path.display().to_string(), e);
        if path.exists() {
            return Self::from_hex(fs::read_to_string(&path).map_err(named)?.trim());
        }
        let master = entropy.bytes::<32>();
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(named)?;
        file.write_all(hex::encode(master).as_bytes()).and_then(|()| file.sync_all()).map_err(named)?;
        Ok(Self { master })
    }

    /// A master key given as 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let mut master = [0; 32];
        hex::decode_to_slice(text, &mut master).map_err(|_| Error::Malformed)?;
        Ok(Self { master })
    }

    /// 256 bits for one purpose; the same for the same name.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(b"vyapar"), &self.master)
            .expand(purpose.as_bytes(), &mut key)
            .expect("32 bytes are within what HKDF-SHA256 gives");
        key
    }

    /// A signing key for one purpose.
    pub fn signing(&self, purpose: &str) -> SigningKey {
        SigningKey { key: self.derive(purpose) }
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// HMAC-SHA256 of `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.key, message)
    }

    /// Whether `signature` (the whole tag, or its first 16 bytes or more) is that of `message`; in constant time.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let whole = self.sign(message);
        (16..=32).contains(&signature.len()) && bool::from(whole[..signature.len()].ct_eq(signature))
    }
}

/// HMAC-SHA256 of `message` under `key`.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_made_at_the_first_start_is_read_at_the_second() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keyring::open(dir.path(), &Entropy::system()).unwrap();
        let second = Keyring::open(dir.path(), &Entropy::system()).unwrap();
        assert_eq!(first.derive("x"), second.derive("x"));
        assert_ne!(first.derive("x"), first.derive("y"));
    }

    #[test]
    fn a_damaged_key_file_is_an_error_and_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "zz").unwrap();
        assert!(matches!(Keyring::open(dir.path(), &Entropy::system()), Err(Error::Malformed)));
        assert_eq!(fs::read_to_string(dir.path().join(FILE)).unwrap(), "zz");
    }

    #[test]
    fn a_signature_fits_one_message_under_one_key() {
        let keyring = Keyring::from_hex(&"ab".repeat(32)).unwrap();
        let key = keyring.signing("qr");
        let tag = key.sign(b"stall 1");
        assert!(key.verifies(b"stall 1", &tag));
        assert!(key.verifies(b"stall 1", &tag[..16]));
        assert!(!key.verifies(b"stall 1", &tag[..8]), "too short a tag could be guessed");
        assert!(!key.verifies(b"stall 2", &tag));
        assert!(!keyring.signing("ticket").verifies(b"stall 1", &tag));
    }
}
