//! Encryption at rest: recordings and personal fields.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::Entropy;
use crate::keys::Keyring;

/// Seals bytes with XChaCha20-Poly1305 under a key of the installation.
///
/// The envelope is `version (1) ‖ nonce (24) ‖ ciphertext and tag`. What it belongs to (table, column, row) is bound in as
/// associated data, so that a sealed value moved to another row does not open.
#[derive(Clone)]
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    entropy: Entropy,
}

/// A sealed value that does not open: altered, moved, or of another installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open here")]
pub struct Unopenable;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

impl Sealer {
    /// A sealer for one purpose, such as `recordings`.
    pub fn new(keyring: &Keyring, purpose: &str, entropy: Entropy) -> Self {
        let key = keyring.derive(&format!("seal/{purpose}"));
        Self { cipher: XChaCha20Poly1305::new(&key.into()), entropy }
    }

    /// Seals `plain` as the value of `place`.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = self.entropy.bytes::<NONCE_BYTES>();
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).expect("memory holds the ciphertext");
        [&[VERSION], nonce.as_slice(), &sealed].concat()
    }

    /// Opens the sealed value of `place`.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopenable> {
        let (version, rest) = sealed.split_first().ok_or(Unopenable)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unopenable)?;
        if *version != VERSION {
            return Err(Unopenable);
        }
        let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unopenable)
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(purpose: &str) -> Sealer {
        Sealer::new(&Keyring::from_hex(&"07".repeat(32)).unwrap(), purpose, Entropy::seeded(3))
    }

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let sealed = sealer("recordings").seal("recordings/1", b"voice");
        assert_eq!(sealer("recordings").open("recordings/1", &sealed).unwrap(), b"voice");
        assert_eq!(sealer("recordings").open("recordings/2", &sealed), Err(Unopenable));
        assert_eq!(sealer("profiles").open("recordings/1", &sealed), Err(Unopenable));
    }

    #[test]
    fn an_altered_or_cut_value_does_not_open() {
        let sealed = sealer("recordings").seal("recordings/1", b"voice");
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert_eq!(sealer("recordings").open("recordings/1", &altered), Err(Unopenable), "byte {index}");
            assert_eq!(sealer("recordings").open("recordings/1", &sealed[..index]), Err(Unopenable));
        }
    }
}
