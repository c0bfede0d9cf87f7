//! What is kept of an authority: the account, the certificate with its key, what went wrong, and answers to questions under way. All of it
//! lies in `tls/acme` of the data directory, which only the server's account may read.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{FlockOperation, flock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::life::Life;
use super::settings::Asked;

/// After how long a node that found another one ordering looks again.
pub(super) const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(30);
/// After how long a first try is repeated. Each further wait is four times as long.
const AGAIN_FIRST: TimeDelta = TimeDelta::minutes(1);
/// The longest wait.
const AGAIN_MAX: TimeDelta = TimeDelta::hours(12);
/// The shortest wait after an authority said that it was asked too much.
const AGAIN_LIMITED: TimeDelta = TimeDelta::hours(1);
/// Where authorities look for an answer, below the folder of answers.
const WELL_KNOWN: &str = ".well-known/acme-challenge";
/// The longest name of a question, in bytes.
const TOKEN_BYTES_MAX: usize = 128;

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    at: PathBuf,
    certificate: PathBuf,
}

/// An account at an authority.
#[derive(Serialize, Deserialize)]
pub(super) struct Account {
    /// The directory of the authority where it is.
    pub directory: String,
    /// Its name there, and its key.
    pub credentials: instant_acme::AccountCredentials,
}

/// What went wrong the last times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trouble {
    directory: String,
    name: String,
    failures: u32,
    /// When it was tried.
    pub at: DateTime<Utc>,
    /// From when on it is tried again.
    pub again_at: DateTime<Utc>,
    /// The last reason.
    pub why: String,
}

impl Trouble {
    /// One more failure; `limited` where the authority said that it was asked too much.
    pub fn after(before: Option<&Self>, asked: &Asked, why: &str, limited: bool, now: DateTime<Utc>) -> Self {
        let failures = before.map_or(0, |before| before.failures).saturating_add(1);
        let steps = failures.saturating_sub(1).min(10);
        let wait = (AGAIN_FIRST * 4_i32.pow(steps)).min(AGAIN_MAX);
        let again_at = now + if limited { wait.max(AGAIN_LIMITED) } else { wait };
        Self {
            directory: asked.directory.clone(),
            name: asked.name.clone(),
            failures,
            at: now,
            again_at,
            why: why.to_owned(),
        }
    }

    /// Whether it is about what is asked for now.
    pub fn is_about(&self, asked: &Asked) -> bool {
        (&self.directory, &self.name) == (&asked.directory, &asked.name)
    }
}

/// An answer to a question, until it is dropped.
#[derive(Debug)]
pub(super) struct Answer(PathBuf);

impl Drop for Answer {
    fn drop(&mut self) {
        // It is of no use to anybody but the authority that asked.
        let _ = fs::remove_file(&self.0);
    }
}

impl Folder {
    pub fn of(data_dir: &Path) -> Self {
        let at = data_dir.join("tls/acme");
        Self { certificate: at.join("certificate.pem"), at }
    }

    /// Where answers to questions lie.
    pub fn challenges(&self) -> PathBuf {
        self.at.join("answers")
    }

    /// The chain and its key, in one file, so that one is never served with the other of another time.
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Where what went wrong is kept. Without it, the authority is asked at once.
    pub fn trouble_file(&self) -> PathBuf {
        self.at.join("trouble.json")
    }

    /// Makes the folder where there is none.
    pub fn make(&self) -> anyhow::Result<()> {
        let made =
            fs::DirBuilder::new().recursive(true).mode(0o700).create(self.challenges().join(WELL_KNOWN));
        made.with_context(|| format!("the folder {} cannot be made", self.at.display()))
    }

    /// Takes the lock of whoever orders, until the file is dropped; none where another process has it.
    pub fn lock(&self) -> anyhow::Result<Option<fs::File>> {
        let file = self.at.join("lock");
        let open = fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&file);
        let open = open.with_context(|| format!("{} cannot be opened", file.display()))?;
        match flock(&open, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(open)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be locked", file.display())),
        }
    }

    /// The life of the certificate, where there is one that can be read.
    pub fn life(&self) -> Option<Life> {
        Life::read(&fs::read(&self.certificate).ok()?).ok()
    }

    pub fn trouble(&self) -> Option<Trouble> {
        read(&self.trouble_file())
    }

    pub fn account(&self) -> Option<Account> {
        read(&self.at.join("account.json"))
    }

    pub fn keep_account(&self, account: &Account) -> anyhow::Result<()> {
        write(&self.at.join("account.json"), &serde_json::to_vec(account)?)
    }

    pub fn keep_trouble(&self, trouble: &Trouble) -> anyhow::Result<()> {
        write(&self.trouble_file(), &serde_json::to_vec_pretty(trouble)?)
    }

    /// Keeps a certificate with its key, and forgets what went wrong before.
    pub fn keep(&self, pem: &str) -> anyhow::Result<Life> {
        let life = Life::read(pem.as_bytes())?;
        write(&self.certificate, pem.as_bytes())?;
        match fs::remove_file(self.trouble_file()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(life),
        }
    }

    /// Puts an answer where the authority looks for it.
    pub fn answer(&self, token: &str, answer: &str) -> anyhow::Result<Answer> {
        ensure!(is_question(token), "the authority's question has a name that is none");
        let file = self.challenges().join(WELL_KNOWN).join(token);
        write(&file, answer.as_bytes())?;
        Ok(Answer(file))
    }
}

/// Whether an authority may call a question so (RFC 8555, section 8.3): then it names one file in the folder, and nothing beside it.
pub(crate) fn is_question(name: &str) -> bool {
    let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    !name.is_empty() && name.len() <= TOKEN_BYTES_MAX && name.bytes().all(is_plain)
}

fn read<T: DeserializeOwned>(file: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Writes a file that only this account may read, whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let new = file.with_extension("new");
        let mut open =
            fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new)?;
        open.write_all(bytes)?;
        open.sync_all()?;
        fs::rename(&new, file)
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn asked(name: &str) -> Asked {
        Asked {
            directory: "https://ca.example".to_owned(),
            contact: None,
            external: None,
            root: None,
            name: name.to_owned(),
        }
    }

    #[test]
    fn waits_grow_so_that_the_authority_is_asked_four_times_in_the_first_hour_and_twice_a_day_in_the_end() {
        let (asked, start) = (asked("stall.example"), DateTime::UNIX_EPOCH);
        let (mut now, mut before) = (start, None);
        let mut tries = vec![start];
        for _ in 0..20 {
            let trouble = Trouble::after(before.as_ref(), &asked, "no", false, now);
            now = trouble.again_at;
            tries.push(now);
            before = Some(trouble);
        }
        let within = |end: TimeDelta| tries.iter().filter(|at| **at < start + end).count();
        assert_eq!(within(TimeDelta::hours(1)), 4);
        assert!(within(TimeDelta::days(1)) <= 8, "{tries:?}");
        assert_eq!(tries[20] - tries[19], AGAIN_MAX);
        let limited = Trouble::after(None, &asked, "too many", true, start);
        assert_eq!(limited.again_at, start + AGAIN_LIMITED);
    }

    #[test]
    fn trouble_with_other_settings_is_over() {
        let trouble = Trouble::after(None, &asked("old.example"), "no", false, DateTime::UNIX_EPOCH);
        assert!(trouble.is_about(&asked("old.example")) && !trouble.is_about(&asked("new.example")));
    }

    #[test]
    fn keys_are_for_the_servers_account_alone_and_answers_go() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::of(data.path());
        folder.make().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["stall.example".to_owned()]).unwrap();
        folder.keep(&(made.cert.pem() + &made.signing_key.serialize_pem())).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder.at), mode(folder.certificate())), (0o700, 0o600));
        assert!(folder.life().unwrap().is_for("stall.example"));

        let file = folder.challenges().join(WELL_KNOWN).join("a-Token_1");
        let answer = folder.answer("a-Token_1", "a-Token_1.print").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"a-Token_1.print");
        drop(answer);
        assert!(!file.exists());
        for token in ["", "..", "../../certificate.pem", "a/b", "a.b", &"a".repeat(129)] {
            assert!(folder.answer(token, "x").is_err(), "{token}");
        }
    }

    #[test]
    fn one_process_orders_at_a_time() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::of(data.path());
        folder.make().unwrap();
        let lock = folder.lock().unwrap();
        assert!(lock.is_some() && folder.lock().unwrap().is_none());
        drop(lock);
        assert!(folder.lock().unwrap().is_some());
    }
}
