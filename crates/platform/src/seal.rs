//! Encryption at rest: recordings and personal fields.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::Entropy;
use crate::keys::{KeyId, Keyring};

/// Seals bytes with XChaCha20-Poly1305 under a key of the installation.
///
/// The envelope is `version (1) ‖ name of the master key (4) ‖ nonce (24) ‖ ciphertext and tag`. What it belongs to (table, column,
/// row) is bound in as associated data behind the first five bytes, so that a sealed value moved to another row does not open. Values
/// of version 1, without a name, were sealed with the first master key.
#[derive(Clone)]
pub struct Sealer {
    keyring: Keyring,
    purpose: String,
    entropy: Entropy,
}

/// A sealed value that does not open: altered, moved, or of another installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open here")]
pub struct Unopenable;

/// How far a value is that was sealed once: the result of [`Sealer::seal_again`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealed {
    /// It is sealed with the newest key.
    Newest,
    /// The same value under the newest key.
    Again(Vec<u8>),
}

/// What came of sealing stored values again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealedAgain {
    /// Values that are under the newest key now.
    pub sealed: u64,
    /// Values that open with no key there is: they stay as they are.
    pub unopenable: u64,
}

impl SealedAgain {
    /// Counts what came of one value, and gives what is to be kept in its place, if anything.
    pub fn count(&mut self, came: Result<Sealed, Unopenable>) -> Option<Vec<u8>> {
        match came {
            Ok(Sealed::Newest) => None,
            Ok(Sealed::Again(again)) => {
                self.sealed += 1;
                Some(again)
            }
            Err(Unopenable) => {
                self.unopenable += 1;
                None
            }
        }
    }
}

const UNNAMED: u8 = 1;
const NAMED: u8 = 2;
const NONCE_BYTES: usize = 24;
/// Bytes of version and name.
const HEAD_BYTES: usize = 5;

impl Sealer {
    /// A sealer for one purpose, such as `recordings`.
    pub fn new(keyring: &Keyring, purpose: &str, entropy: Entropy) -> Self {
        Self { keyring: keyring.clone(), purpose: format!("seal/{purpose}"), entropy }
    }

    /// Seals `plain` as the value of `place`.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let (id, key) = self.keyring.sealing(&self.purpose);
        let head = head(id);
        let nonce = self.entropy.bytes::<NONCE_BYTES>();
        let aad = [head.as_slice(), place.as_bytes()].concat();
        let cipher = XChaCha20Poly1305::new(&key.into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad });
        [head.as_slice(), nonce.as_slice(), &sealed.expect("memory holds the ciphertext")].concat()
    }

    /// Opens the sealed value of `place`.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopenable> {
        let (key, aad, rest) = match sealed.split_first() {
            Some((&UNNAMED, rest)) => (self.keyring.derive(&self.purpose), place.as_bytes().to_vec(), rest),
            Some((&NAMED, rest)) => {
                let (id, rest) = rest.split_first_chunk::<4>().ok_or(Unopenable)?;
                let id = KeyId::from_bytes(*id);
                let key = self.keyring.opening(id, &self.purpose).ok_or(Unopenable)?;
                (key, [head(id).as_slice(), place.as_bytes()].concat(), rest)
            }
            _ => return Err(Unopenable),
        };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Unopenable)?;
        let cipher = XChaCha20Poly1305::new(&key.into());
        let payload = Payload { msg: ciphertext, aad: &aad };
        cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unopenable)
    }

    /// The first bytes of whatever is sealed with the newest key.
    pub fn newest(&self) -> [u8; HEAD_BYTES] {
        head(self.keyring.sealing(&self.purpose).0)
    }

    /// Seals the sealed value of `place` with the newest key, where it is not.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn seal_again(&self, place: &str, sealed: &[u8]) -> Result<Sealed, Unopenable> {
        if sealed.starts_with(&self.newest()) {
            return Ok(Sealed::Newest);
        }
        Ok(Sealed::Again(self.seal(place, &self.open(place, sealed)?)))
    }
}

/// The name of the master key that a sealed value says it needs; none where it is the first.
pub fn named(sealed: &[u8]) -> Option<KeyId> {
    let (version, rest) = sealed.split_first()?;
    rest.first_chunk::<4>().filter(|_| *version == NAMED).map(|id| KeyId::from_bytes(*id))
}

fn head(id: KeyId) -> [u8; HEAD_BYTES] {
    let [a, b, c, d] = id.bytes();
    [NAMED, a, b, c, d]
}

impl std::ops::AddAssign for SealedAgain {
    fn add_assign(&mut self, other: Self) {
        self.sealed += other.sealed;
        self.unopenable += other.unopenable;
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

    fn keyring(digits: &[&str]) -> Keyring {
        let keys: Vec<String> = digits.iter().map(|digits| digits.repeat(32)).collect();
        Keyring::from_hex(&keys.join("\n")).unwrap()
    }

    fn sealer(purpose: &str) -> Sealer {
        Sealer::new(&keyring(&["07"]), purpose, Entropy::seeded(3))
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

    #[test]
    fn the_newest_key_seals_and_older_ones_open_until_it_is_done_again() {
        let old = Sealer::new(&keyring(&["07"]), "x", Entropy::seeded(3));
        let both = Sealer::new(&keyring(&["07", "08"]), "x", Entropy::seeded(4));
        let sealed = old.seal("place", b"value");
        assert_eq!(both.open("place", &sealed).unwrap(), b"value");
        let Sealed::Again(again) = both.seal_again("place", &sealed).unwrap() else { panic!("it was older") };
        assert!(again.starts_with(&both.newest()) && named(&again) != named(&sealed));
        assert_eq!(both.seal_again("place", &again), Ok(Sealed::Newest));
        assert_eq!(both.open("place", &again).unwrap(), b"value");
        assert_eq!(old.open("place", &again), Err(Unopenable), "the older key alone does not open it");
        assert_eq!(both.seal_again("elsewhere", &sealed), Err(Unopenable));
    }

    #[test]
    fn a_value_from_before_keys_had_names_opens() {
        let key = keyring(&["07"]).derive("seal/x");
        let cipher = XChaCha20Poly1305::new(&key.into());
        let payload = Payload { msg: b"value".as_slice(), aad: b"place" };
        let ciphertext = cipher.encrypt(&XNonce::from([9; NONCE_BYTES]), payload).unwrap();
        let unnamed = [[UNNAMED].as_slice(), &[9; NONCE_BYTES], &ciphertext].concat();
        let both = Sealer::new(&keyring(&["07", "08"]), "x", Entropy::seeded(4));
        assert_eq!(both.open("place", &unnamed).unwrap(), b"value");
        assert!(matches!(both.seal_again("place", &unnamed), Ok(Sealed::Again(_))));
    }
}
