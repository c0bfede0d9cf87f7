//! What the tests share: a place to work in, a meter that keeps book, and sound.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::DateTime;
use emulator::bhashini::User;
use emulator::{Emulator, Options};
use platform::Clock;
use platform::blob::BlobStore;
use platform::meter::{Cause, Error, Meter, Reservation, Work};
use tempfile::TempDir;
use types::TenantId;
use uuid::Uuid;
use voice::{Config, Errand, Reach, Voice};

/// When everything happens.
pub const NOW_S: i64 = 1_764_000_000;

/// What was paid for: what was reserved, and what of it was captured.
#[derive(Debug, Default)]
pub struct Book {
    pub works: Mutex<Vec<(Work, Option<u64>)>>,
    pub is_empty: Mutex<bool>,
}

#[async_trait]
impl Meter for Book {
    async fn reserve(&self, work: &Work) -> Result<Reservation, Error> {
        if *self.is_empty.lock().unwrap() {
            return Err(Error::NoCredit);
        }
        let mut works = self.works.lock().unwrap();
        works.push((work.clone(), None));
        Ok(Reservation { tenant: work.tenant, id: Uuid::from_u128(works.len() as u128 - 1) })
    }

    async fn extend(&self, reservation: Reservation, amount: u64) -> Result<(), Error> {
        if *self.is_empty.lock().unwrap() {
            return Err(Error::NoCredit);
        }
        let place = usize::try_from(reservation.id.as_u128()).unwrap();
        self.works.lock().unwrap()[place].0.amount_max += amount;
        Ok(())
    }

    async fn capture(&self, reservation: Reservation, amount: u64) -> Result<(), Error> {
        self.works.lock().unwrap()[usize::try_from(reservation.id.as_u128()).unwrap()].1 = Some(amount);
        Ok(())
    }

    async fn release(&self, _: Reservation) -> Result<(), Error> {
        Ok(())
    }
}

impl Book {
    /// What was captured, in order.
    pub fn captured(&self) -> Vec<u64> {
        self.works.lock().unwrap().iter().filter_map(|(_, captured)| *captured).collect()
    }

    /// What was set aside in all for each work, in order.
    pub fn set_aside(&self) -> Vec<u64> {
        self.works.lock().unwrap().iter().map(|(work, _)| work.amount_max).collect()
    }

    /// How often something was reserved.
    pub fn reserved(&self) -> usize {
        self.works.lock().unwrap().len()
    }
}

/// A voice with its surroundings.
pub struct Setting {
    pub voice: Voice,
    pub clock: Clock,
    pub book: Arc<Book>,
    pub dir: TempDir,
}

/// Whose work everything is.
pub fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(7))
}

/// Work for it, with whoever can do it.
pub fn errand() -> Errand {
    Errand { tenant: tenant(), cause: cause(), reach: Reach::Anywhere }
}

/// What causes it.
pub fn cause() -> Cause {
    Cause { kind: "message", id: Uuid::from_u128(8), visit: None, by: None }
}

impl Setting {
    pub fn new(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual(DateTime::from_timestamp(NOW_S, 0).unwrap());
        let book = Arc::new(Book::default());
        let blobs = BlobStore::local(dir.path()).unwrap();
        Self { voice: Voice::new(config, clock.clone(), blobs, book.clone()), clock, book, dir }
    }
}

/// Settings that find no engine of this machine.
pub fn nothing_installed() -> Config {
    let nowhere = || Some(PathBuf::from("/nowhere/at-all"));
    Config {
        espeak: nowhere(),
        pocketsphinx_library: nowhere(),
        pocketsphinx_model: nowhere(),
        recogniser_program: nowhere(),
        ..Config::default()
    }
}

pub async fn emulator() -> Emulator {
    Emulator::start(Options::repeatable(NOW_S, 7)).await.unwrap()
}

/// The configuration call's way in, and no engine of this machine.
pub fn asked(emulator: &Emulator) -> Config {
    let user = User::demo();
    let mut config = nothing_installed();
    config.bhashini.config_url = format!("{}/ulca/apis/v0/model/getModelsPipeline", emulator.bhashini_url());
    "http://127.0.0.1:9/unused".clone_into(&mut config.bhashini.compute_url);
    config.bhashini.user_id = Some(user.user_id);
    config.bhashini.api_key = Some(user.ulca_api_key.into());
    config.bhashini.timeout_ms = 2_000;
    config
}

/// The way in with a fixed key, and no engine of this machine.
pub fn known(emulator: &Emulator) -> Config {
    let mut config = nothing_installed();
    config.bhashini.compute_url = format!("{}/services/inference/pipeline", emulator.bhashini_url());
    config.bhashini.inference_key = Some(User::demo().inference_api_key.into());
    config.bhashini.timeout_ms = 2_000;
    config
}

/// Whether the local voices are here. `scripts/setup` installs them; without them such a test says so and ends.
pub fn has_espeak() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|dir| dir.join("espeak-ng").is_file());
    if !found {
        eprintln!("SKIPPED: espeak-ng is not installed; scripts/setup installs it");
    }
    found
}

/// A spoken sentence, as a phone sends it.
pub fn recording() -> Bytes {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/chrome.webm");
    std::fs::read(path).unwrap().into()
}
