//! Where master keys come from: a file, the environment, or a command that prints them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Error;
use crate::Entropy;

/// The file in the data directory that holds the master keys, each as 64 hexadecimal digits on a line of its own, oldest first.
const FILE: &str = "master.key";
/// More keys than this are a mistake.
const KEYS_MAX: usize = 64;

/// Where the master keys come from. The first of these that is set counts: `command`, `value`, `file`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    /// A program and its arguments that prints the keys, oldest first, such as one that asks a key service.
    pub command: Vec<String>,
    /// The keys themselves, for the environment.
    pub value: Option<SecretString>,
    /// A file with the keys; `master.key` in the data directory where nothing is said.
    pub file: Option<PathBuf>,
}

/// One place.
pub(super) enum Origin {
    File(PathBuf),
    Value(SecretString),
    Command(Vec<String>),
}

impl Source {
    pub(super) fn origin(&self, data_dir: &Path) -> Origin {
        match (&self.value, &self.file) {
            _ if !self.command.is_empty() => Origin::Command(self.command.clone()),
            (Some(value), _) => Origin::Value(value.clone()),
            (None, Some(file)) => Origin::File(file.clone()),
            (None, None) => Origin::File(data_dir.join(FILE)),
        }
    }

    /// Where the keys come from, for people.
    pub fn described(&self, data_dir: &Path) -> String {
        match self.origin(data_dir) {
            Origin::File(path) => format!("the file {}", path.display()),
            Origin::Value(_) => "the environment or configuration".to_owned(),
            Origin::Command(words) => format!("the command {}", words[0]),
        }
    }

    /// How many keys there are; none where a file is still to be made.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn count(&self, data_dir: &Path) -> Result<usize, Error> {
        match self.origin(data_dir) {
            Origin::File(path) if !path.exists() => Ok(0),
            origin => origin.read().map(|keys| keys.len()),
        }
    }
}

/// How a file is: another one stands in its place, or it was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    written_at: (i64, i64),
    bytes: u64,
}

impl Origin {
    pub(super) const fn is_command(&self) -> bool {
        matches!(self, Self::Command(_))
    }

    /// How the file is; none where there is none, or where the keys come from elsewhere.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let Self::File(path) = self else { return None };
        let is = fs::metadata(path).ok()?;
        Some(Stamp { inode: is.ino(), written_at: (is.mtime(), is.mtime_nsec()), bytes: is.len() })
    }

    pub(super) fn make_where_missing(&self, entropy: &Entropy) -> Result<(), Error> {
        match self {
            Self::File(path) if !path.exists() => write(path, &[entropy.bytes()], true),
            _ => Ok(()),
        }
    }

    pub(super) fn read(&self) -> Result<Vec<[u8; 32]>, Error> {
        match self {
            Self::File(path) => parse(&fs::read_to_string(path).map_err(named(path))?),
            Self::Value(value) => parse(value.expose_secret()),
            Self::Command(words) => parse(&printed(words)?),
        }
    }

    pub(super) fn add(&self, key: [u8; 32]) -> Result<(), Error> {
        let Self::File(path) = self else { return Err(Error::NotAFile) };
        let mut keys = self.read()?;
        keys.push(key);
        // Beside it first: a file that is half written would be no key at all.
        let beside = path.with_extension("adding");
        write(&beside, &keys, false)?;
        fs::rename(&beside, path).map_err(named(path))
    }
}

/// Keys as hexadecimal digits with white space between them.
pub(super) fn parse(text: &str) -> Result<Vec<[u8; 32]>, Error> {
    let mut keys = Vec::new();
    for word in text.split_whitespace() {
        let mut key = [0; 32];
        hex::decode_to_slice(word, &mut key).map_err(|_| Error::Malformed)?;
        keys.push(key);
    }
    if (1..=KEYS_MAX).contains(&keys.len()) { Ok(keys) } else { Err(Error::Malformed) }
}

fn printed(words: &[String]) -> Result<String, Error> {
    let failed = |error| Error::Command(words[0].clone(), error);
    let output = Command::new(&words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(failed)?;
    if !output.status.success() {
        return Err(failed(std::io::Error::other(output.status.to_string())));
    }
    String::from_utf8(output.stdout).map_err(|_| Error::Malformed)
}

fn named(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.display().to_string();
    move |error| Error::File(path.clone(), error)
}

fn write(path: &Path, keys: &[[u8; 32]], new: bool) -> Result<(), Error> {
    let mut how = OpenOptions::new();
    how.write(true).mode(0o600);
    if new {
        how.create_new(true);
    } else {
        how.create(true).truncate(true);
    }
    let mut file = how.open(path).map_err(named(path))?;
    let lines: Vec<String> = keys.iter().map(hex::encode).collect();
    file.write_all(lines.join("\n").as_bytes()).and_then(|()| file.sync_all()).map_err(named(path))
}
