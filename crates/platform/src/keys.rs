//! The installation's secrets, and the keys derived from them.
//!
//! **Invariants.** The first key signs: what was printed (stalls' codes) or exported (heads of the audit trail) is good for as long as the
//! installation. The last key seals; the others only open what they sealed. One can be added while servers run: a file is read again
//! before something is sealed where it has changed, what a command prints every minute, and both where a value was sealed with a key that
//! is not known yet.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;

use crate::Entropy;

mod source;

pub use source::Source;
use source::{Origin, Stamp};

/// The installation's master keys. Purposes get keys of their own from them and never see each other's. Cheap to clone.
#[derive(Clone)]
pub struct Keyring {
    ring: Arc<Ring>,
}

struct Ring {
    /// Oldest first; never empty.
    keys: RwLock<Vec<Master>>,
    origin: Option<Origin>,
    /// How the file was when it was read last.
    seen: Mutex<Option<Stamp>>,
}

/// A master key with its name, which would take as long to derive as what it is looked up for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Master {
    id: KeyId,
    key: [u8; 32],
}

fn named(keys: Vec<[u8; 32]>) -> Vec<Master> {
    keys.into_iter().map(|key| Master { id: id_of(&key), key }).collect()
}

/// How often a command is asked whether there is another key.
pub const ASKED_EVERY: Duration = Duration::from_mins(1);

/// What names a master key without telling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 4]);

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
    /// The program that prints the keys does not.
    #[error("the command {0} that should print the master keys failed")]
    Command(String, #[source] std::io::Error),
    /// The file, setting or output is not 64 hexadecimal digits a key.
    #[error("the master key is not 64 hexadecimal digits: restore it from the backup")]
    Malformed,
    /// The first key is another than when the program started.
    #[error("the first master key was exchanged: put it back, and add the other behind it")]
    Exchanged,
    /// Keys from the environment or a command are not ours to add to.
    #[error("the keys do not come from a file: add the key where they come from")]
    NotAFile,
}

impl Keyring {
    /// Reads the master key from the data directory, or makes one (mode 0600) at the first start.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn open(data_dir: &Path, entropy: &Entropy) -> Result<Self, Error> {
        Self::load(&Source::default(), data_dir, entropy)
    }

    /// Reads the master keys from where the configuration says; a file that is missing is made (mode 0600), with one key.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn load(source: &Source, data_dir: &Path, entropy: &Entropy) -> Result<Self, Error> {
        let origin = source.origin(data_dir);
        origin.make_where_missing(entropy)?;
        let seen = Mutex::new(origin.stamp());
        let keys = RwLock::new(named(origin.read()?));
        Ok(Self { ring: Arc::new(Ring { keys, origin: Some(origin), seen }) })
    }

    /// Master keys given as 64 hexadecimal digits each, oldest first, with white space between them.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let keys = RwLock::new(named(source::parse(text)?));
        Ok(Self { ring: Arc::new(Ring { keys, origin: None, seen: Mutex::default() }) })
    }

    /// Reads the keys again from where they came.
    ///
    /// # Errors
    /// See [`Error`]; the keys that are known stay.
    pub fn read_again(&self) -> Result<(), Error> {
        let Some(origin) = &self.ring.origin else { return Ok(()) };
        let keys = named(origin.read()?);
        let mut known = self.ring.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.first() != known.first() {
            return Err(Error::Exchanged);
        }
        *known = keys;
        Ok(())
    }

    /// Reads a file again that has changed since. What is wrong with it is logged, and the keys that are known stay.
    fn look(&self) {
        let Some(stamp) = self.ring.origin.as_ref().and_then(Origin::stamp) else { return };
        let mut seen = self.ring.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == Some(stamp) {
            return;
        }
        match self.read_again() {
            Ok(()) => tracing::info!("the master keys were read again"),
            Err(error) => tracing::error!(%error, "the master keys cannot be read again"),
        }
        // What is wrong is said once, until the file changes again.
        *seen = Some(stamp);
    }

    /// Asks the command that prints the keys every minute, until `stop` is cancelled: it has no file that would show a change.
    pub async fn keep_asking(self, stop: CancellationToken) {
        self.ask_every(ASKED_EVERY, stop).await;
    }

    async fn ask_every(self, every: Duration, stop: CancellationToken) {
        if !self.ring.origin.as_ref().is_some_and(Origin::is_command) {
            return;
        }
        while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
            let ring = self.clone();
            match tokio::task::spawn_blocking(move || ring.read_again()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the master keys cannot be asked for again"),
                Err(_) => return,
            }
        }
    }

    /// How long servers may seal with the key before, once there is another.
    pub fn servers_learn_within(&self) -> Option<Duration> {
        match &self.ring.origin {
            Some(Origin::Command(_)) => Some(ASKED_EVERY),
            Some(Origin::File(_)) => Some(Duration::ZERO),
            _ => None,
        }
    }

    /// Adds a new key to the file: from now on it seals, in servers that run, too.
    ///
    /// # Errors
    /// [`Error::NotAFile`]; see [`Error`].
    pub fn add(&self, entropy: &Entropy) -> Result<KeyId, Error> {
        self.ring.origin.as_ref().ok_or(Error::NotAFile)?.add(entropy.bytes())?;
        self.read_again()?;
        Ok(self.newest().id)
    }

    /// The names of the keys, oldest first: the first signs, the last seals.
    pub fn ids(&self) -> Vec<KeyId> {
        self.ring.keys.read().unwrap_or_else(PoisonError::into_inner).iter().map(|master| master.id).collect()
    }

    fn oldest(&self) -> [u8; 32] {
        self.ring.keys.read().unwrap_or_else(PoisonError::into_inner)[0].key
    }

    fn newest(&self) -> Master {
        let keys = self.ring.keys.read().unwrap_or_else(PoisonError::into_inner);
        *keys.last().expect("a ring has a key")
    }

    fn find(&self, id: KeyId) -> Option<[u8; 32]> {
        let keys = self.ring.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|master| master.id == id).map(|master| master.key)
    }

    /// 256 bits for one purpose; the same for the same name, whatever keys are added.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        derive(&self.oldest(), purpose)
    }

    /// The key that seals for one purpose now, and its master key's name.
    pub(crate) fn sealing(&self, purpose: &str) -> (KeyId, [u8; 32]) {
        self.look();
        let Master { id, key } = self.newest();
        (id, derive(&key, purpose))
    }

    /// The key of this name for one purpose; read again where it is not known yet.
    pub(crate) fn opening(&self, id: KeyId, purpose: &str) -> Option<[u8; 32]> {
        let found = self.find(id).or_else(|| {
            let again = self.read_again();
            again
                .inspect_err(|error| tracing::error!(%error, "the master keys cannot be read again"))
                .ok()?;
            self.find(id)
        });
        found.map(|key| derive(&key, purpose))
    }

    /// A signing key for one purpose.
    pub fn signing(&self, purpose: &str) -> SigningKey {
        SigningKey { key: self.derive(purpose) }
    }
}

fn derive(master: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b"vyapar"), master)
        .expand(purpose.as_bytes(), &mut key)
        .expect("32 bytes are within what HKDF-SHA256 gives");
    key
}

fn id_of(master: &[u8; 32]) -> KeyId {
    let [a, b, c, d, ..] = derive(master, "key-id");
    KeyId([a, b, c, d])
}

impl KeyId {
    /// The name as it stands in sealed values.
    pub const fn bytes(self) -> [u8; 4] {
        self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    use std::fs;

    use super::*;

    /// The file in the data directory.
    const FILE: &str = "master.key";

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
    #[test]
    fn a_key_that_is_added_seals_and_the_first_signs_on() {
        let dir = tempfile::tempdir().unwrap();
        let entropy = Entropy::system();
        let running = Keyring::open(dir.path(), &entropy).unwrap();
        let (first, derived) = (running.ids(), running.derive("qr"));
        let id = Keyring::open(dir.path(), &entropy).unwrap().add(&entropy).unwrap();
        assert_eq!(running.ids(), first, "a ring that runs has not heard of it");
        assert!(running.opening(id, "seal/x").is_some(), "it reads again where it meets it");
        assert_eq!(running.ids(), [first[0], id]);
        let third = Keyring::open(dir.path(), &entropy).unwrap().add(&entropy).unwrap();
        assert_eq!(
            running.sealing("x").0,
            third,
            "it seals with a key that was added, though it met it nowhere"
        );
        let id = third;
        assert_eq!((running.sealing("x").0, running.derive("qr")), (id, derived));
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(dir.path().join(FILE)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        fs::write(dir.path().join(FILE), "07".repeat(32)).unwrap();
        assert!(matches!(running.read_again(), Err(Error::Exchanged)));
        assert_eq!(running.sealing("x").0, id, "what is known stays");
        assert_eq!(running.ids().len(), 3);
    }

    #[tokio::test]
    async fn a_command_is_asked_again_while_the_program_runs() {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("store");
        fs::write(&store, "07".repeat(32)).unwrap();
        let command = vec!["cat".to_owned(), store.display().to_string()];
        let printed = Source { command, ..Source::default() };
        let running = Keyring::load(&printed, dir.path(), &Entropy::system()).unwrap();
        let stop = CancellationToken::new();
        let asking = tokio::spawn(running.clone().ask_every(Duration::from_millis(5), stop.clone()));
        fs::write(&store, format!("{} {}", "07".repeat(32), "08".repeat(32))).unwrap();
        while running.ids().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(running.sealing("x").0, running.ids()[1]);
        // A service that is away for a moment takes no keys away.
        fs::remove_file(&store).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(running.ids().len(), 2);
        stop.cancel();
        asking.await.unwrap();
    }

    #[test]
    fn keys_come_from_the_environment_or_from_a_command_too() {
        let dir = tempfile::tempdir().unwrap();
        let entropy = Entropy::system();
        let two = format!("{}\n{}\n", "07".repeat(32), "08".repeat(32));
        let value = Source { value: Some(two.clone().into()), ..Source::default() };
        let from_value = Keyring::load(&value, dir.path(), &entropy).unwrap();
        let command = ["printf".to_owned(), "%s".to_owned(), two];
        let printed = Source { command: command.to_vec(), ..Source::default() };
        let from_command = Keyring::load(&printed, dir.path(), &entropy).unwrap();
        assert_eq!((from_value.ids(), from_value.ids().len()), (from_command.ids(), 2));
        assert!(matches!(from_command.add(&entropy), Err(Error::NotAFile)));
        let fails = Source { command: vec!["false".to_owned()], ..Source::default() };
        assert!(matches!(Keyring::load(&fails, dir.path(), &entropy), Err(Error::Command(..))));
        assert!(!dir.path().join(FILE).exists(), "no key is made beside them");
    }
}
