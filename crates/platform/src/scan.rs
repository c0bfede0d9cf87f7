//! Whether a file that somebody brings carries malware: asked of `clamd`, where the installation has one.
//!
//! **Invariants.** Where there is a scanner, a file that it has not called clean is not kept: one that is away, slow, or answers
//! anything but `OK` lets nothing pass.
//!
//! **Deliberately absent**: faith in what the scanner unpacks. It misses what lies deep in large members of archives, also where it is told to
//! warn of them: whoever takes archives counts what comes out of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use clamav_client::tokio::{Socket, Tcp, scan_buffer};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::Problem;
use crate::problem::{MALWARE_FOUND, SCANNER_AWAY};

/// How long a file may wait for its turn and its verdict together.
const WITHIN: Duration = Duration::from_secs(10);
/// How long whoever asks what is on waits for the scanner's version.
const VERSION_WITHIN: Duration = Duration::from_secs(2);
/// So many files of one context are with the scanner at a time: `clamd` has ten threads unless it is told otherwise.
const AT_ONCE_MAX: usize = 4;
/// Bytes of one piece on the way there.
const PIECE_BYTES: usize = 64 * 1024;
/// After how long whoever was put off may come again.
const AGAIN_S: u64 = 30;
/// The longest of the scanner's words that are kept.
const WORDS_CHARS_MAX: usize = 100;

/// Whether there is a scanner.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where `clamd` listens: a socket (`/run/clamav/clamd.ctl`) or a host and port (`127.0.0.1:3310`). Off where absent.
    pub clamd: Option<String>,
}

/// Looks through files. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Scanner(Option<Arc<Clamd>>);

/// Why a file is not kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is malware in it, of that name.
    #[error("the scanner found {0}")]
    Found(String),
    /// Nobody knows: the scanner gave no verdict.
    #[error("the scanner gave no verdict: {0}")]
    Away(String),
}

#[derive(Debug)]
struct Clamd {
    at: Place,
    turns: Semaphore,
    within: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Socket(PathBuf),
    Host(String),
}

impl Place {
    fn read(text: &str) -> Self {
        if text.starts_with('/') { Self::Socket(text.into()) } else { Self::Host(text.to_owned()) }
    }

    fn version(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Socket(path) => clamav_client::get_version(clamav_client::Socket { socket_path: path }),
            Self::Host(host) => {
                clamav_client::get_version(clamav_client::Tcp { host_address: host.as_str() })
            }
        }
    }
}

impl Scanner {
    /// The scanner of these settings; one that calls everything clean where there is none.
    pub fn new(settings: &Settings) -> Self {
        Self::waiting(settings, WITHIN)
    }

    fn waiting(settings: &Settings, within: Duration) -> Self {
        let clamd = settings.clamd.as_deref().map(str::trim).filter(|at| !at.is_empty());
        let turns = || Semaphore::new(AT_ONCE_MAX);
        Self(clamd.map(|at| Arc::new(Clamd { at: Place::read(at), turns: turns(), within })))
    }

    /// Whether there is one.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Lets a file pass that is clean.
    ///
    /// # Errors
    /// [`Error::Found`]; [`Error::Away`], after ten seconds at the latest.
    pub async fn check(&self, file: &[u8]) -> Result<(), Error> {
        let Some(clamd) = &self.0 else { return Ok(()) };
        let asked = timeout(clamd.within, clamd.ask(file)).await;
        let answer = asked.map_err(|_| Error::Away("it took too long".to_owned()))?;
        verdict(&answer.map_err(|error| Error::Away(error.to_string()))?)
    }

    /// What the scanner calls itself, with the age of what it knows; for whoever looks what is on. Waits two seconds at the most.
    ///
    /// # Errors
    /// [`Error::Away`].
    pub fn version(&self) -> Result<Option<String>, Error> {
        let Some(clamd) = &self.0 else { return Ok(None) };
        let (answer, place) = (mpsc::channel(), clamd.at.clone());
        std::thread::spawn(move || answer.0.send(place.version()));
        let said = answer.1.recv_timeout(VERSION_WITHIN);
        let said = said.map_err(|_| Error::Away("it does not answer".to_owned()))?;
        let said = said.map_err(|error| Error::Away(error.to_string()))?;
        Ok(Some(words(&said)))
    }
}

impl Clamd {
    async fn ask(&self, file: &[u8]) -> std::io::Result<Vec<u8>> {
        let _turn = self.turns.acquire().await.map_err(std::io::Error::other)?;
        match &self.at {
            Place::Socket(path) => scan_buffer(file, Socket { socket_path: path }, Some(PIECE_BYTES)).await,
            Place::Host(host) => {
                scan_buffer(file, Tcp { host_address: host.as_str() }, Some(PIECE_BYTES)).await
            }
        }
    }
}

/// What an answer (`stream: OK`, `stream: <name> FOUND`) says of the file.
fn verdict(answer: &[u8]) -> Result<(), Error> {
    let said = words(answer);
    match said.strip_prefix("stream: ") {
        Some("OK") => Ok(()),
        Some(rest) if rest.ends_with(" FOUND") => {
            Err(Error::Found(rest.trim_end_matches(" FOUND").to_owned()))
        }
        _ => Err(Error::Away(if said.is_empty() { "it said nothing".to_owned() } else { said })),
    }
}

fn words(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    text.trim_matches(['\0', '\n', '\r', ' ']).chars().take(WORDS_CHARS_MAX).collect()
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Found(name) => {
                tracing::warn!(name, "a file with malware was refused");
                Self::new(MALWARE_FOUND)
            }
            Error::Away(why) => {
                tracing::error!(why, "files are not taken in: the scanner gives no verdict");
                Self::new(SCANNER_AWAY).with("retry_after_s", AGAIN_S)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_ok_is_clean() {
        assert!(verdict(b"stream: OK\0").is_ok());
        let found = verdict(b"stream: Win.Test.EICAR_HDB-1 FOUND\0");
        assert!(matches!(found, Err(Error::Found(name)) if name == "Win.Test.EICAR_HDB-1"));
        for answer in [
            &b""[..],
            b"\0",
            b"OK",
            b"stream: ",
            b"stream: OK FOUND OK",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"stream: Can't allocate memory ERROR\0",
        ] {
            assert!(matches!(verdict(answer), Err(Error::Away(_))), "{}", String::from_utf8_lossy(answer));
        }
    }

    #[tokio::test]
    async fn where_there_is_none_everything_passes_and_where_it_is_away_nothing_does() {
        assert!(Scanner::default().check(b"anything").await.is_ok());
        assert!(!Scanner::new(&Settings { clamd: Some(" ".to_owned()) }).is_on());
        for at in ["/nowhere/clamd.ctl", "127.0.0.1:1"] {
            let scanner = Scanner::new(&Settings { clamd: Some(at.to_owned()) });
            assert!(matches!(scanner.check(b"anything").await, Err(Error::Away(_))), "{at}");
            assert!(matches!(scanner.version(), Err(Error::Away(_))), "{at}");
        }
    }

    #[tokio::test]
    async fn a_scanner_that_never_answers_is_waited_for_as_long_as_said_and_lets_nothing_pass() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = silent.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((connection, _)) = silent.accept().await {
                held.push(connection);
            }
        });
        let within = Duration::from_millis(300);
        let scanner = Scanner::waiting(&Settings { clamd: Some(at) }, within);
        let started = tokio::time::Instant::now();
        // More than have a turn at once: who waits for one waits no longer either.
        let asked = (0..=AT_ONCE_MAX).map(|_| scanner.check(b"anything"));
        let answers = timeout(within * 20, futures::future::join_all(asked)).await.expect("it ends");
        assert!(answers.iter().all(|it| matches!(it, Err(Error::Away(why)) if why == "it took too long")));
        assert!(started.elapsed() >= within, "it is not given up before");
    }
}
