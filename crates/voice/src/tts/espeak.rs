//! The voices of this machine: espeak-ng, as a program of its own for each text.
//!
//! It is started without a shell and without our environment, gets the text on its standard input, and is killed when it
//! takes too long, says too much, or nobody waits any more. It is never linked (its licence is GPL-3).

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use types::Language;

use super::{Error, Synthesiser};
use crate::audio::{Limits, decode};
use crate::capability::{Condition, LOCAL};
use crate::pool::{NotDone, Pool};

/// The name looked for in `PATH`.
const PROGRAM: &str = "espeak-ng";

/// A sentence takes a tenth of a second.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Three minutes at 22 kHz.
const WAV_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Programs that run at the same time; more wait.
const AT_ONCE: usize = 4;

/// Words a minute: slower than its default, for a market's noise.
const SPEED: &str = "150";

/// What the program may still see of our environment: where its own data and libraries are.
const ENVIRONMENT: [&str; 4] = ["PATH", "ESPEAK_DATA_PATH", "LD_LIBRARY_PATH", "HOME"];

/// espeak-ng on this machine.
#[derive(Debug)]
pub(crate) struct Espeak {
    program: Result<PathBuf, Condition>,
    places: Semaphore,
    pool: Pool,
}

impl Espeak {
    /// The program at `path`, or the one in `PATH`.
    pub fn of(path: Option<&Path>, pool: Pool) -> Self {
        let fix = "Install espeak-ng (Debian, Ubuntu: apt-get install espeak-ng)";
        let program = match path {
            Some(path) if is_program(path) => Ok(path.to_owned()),
            Some(path) => Err(Condition::Off {
                why: format!(
                    "There is no program at {}, so this server has no voice of its own.",
                    path.display()
                ),
                fix: format!("{fix} or correct the setting voice.espeak."),
            }),
            None => in_path(PROGRAM).ok_or_else(|| Condition::Off {
                why: "espeak-ng is not installed, so this server has no voice of its own.".to_owned(),
                fix: format!("{fix} and start again."),
            }),
        };
        Self { program, places: Semaphore::new(AT_ONCE), pool }
    }

    async fn run(&self, program: &Path, text: &str, language: Language) -> Result<Vec<u8>, Error> {
        let failed = |what: &str| Error::Unavailable(format!("espeak-ng {what}"));
        let _place = self.places.acquire().await.map_err(|_| failed("is stopping"))?;
        let kept = ENVIRONMENT.iter().filter_map(|name| Some((name, env::var_os(name)?)));
        let mut child = Command::new(program)
            .args(["-v", voice(language), "-s", SPEED, "-b", "1", "--stdin", "--stdout"])
            .env_clear()
            .envs(kept)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(&format!("cannot be started: {error}")))?;
        let (mut input, output) = (child.stdin.take(), child.stdout.take());
        let mut wav = Vec::new();
        let speaking = async {
            if let Some(input) = &mut input {
                input.write_all(text.as_bytes()).await?;
            }
            drop(input);
            if let Some(output) = output {
                output.take(WAV_BYTES_MAX as u64 + 1).read_to_end(&mut wav).await?;
            }
            if wav.len() > WAV_BYTES_MAX {
                child.kill().await.map(|()| None)
            } else {
                child.wait().await.map(Some)
            }
        };
        match timeout(TIME_MAX, speaking).await {
            Err(_) => Err(failed("took too long")),
            Ok(Err(error)) => Err(failed(&format!("broke off: {error}"))),
            Ok(Ok(None)) => Err(failed("said too much")),
            Ok(Ok(Some(status))) if !status.success() => Err(failed(&format!("failed ({status})"))),
            Ok(Ok(Some(_))) => Ok(wav),
        }
    }
}

/// The voice of a language; there is no Indian English one.
const fn voice(language: Language) -> &'static str {
    match language {
        Language::English => "en-gb",
        other => other.code(),
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

fn in_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| is_program(path))
}

#[async_trait]
impl Synthesiser for Espeak {
    fn name(&self) -> &'static str {
        LOCAL
    }

    fn serves(&self, _language: Language) -> bool {
        true
    }

    fn condition(&self) -> Condition {
        self.program.as_ref().map_or_else(Clone::clone, |_| Condition::Ready)
    }

    fn voice_of(&self, language: Language) -> String {
        format!("espeak-ng {} {SPEED}", voice(language))
    }

    async fn speak(&self, text: &str, language: Language) -> Result<Vec<f32>, Error> {
        let program = self.program.as_ref().map_err(|condition| match condition {
            Condition::Off { why, .. } => Error::Unavailable(why.clone()),
            Condition::Ready => Error::Unsupported(language),
        })?;
        let wav = self.run(program, text, language).await?;
        let limits = Limits { bytes_max: WAV_BYTES_MAX, duration_s_max: 180, ..Limits::default() };
        let decoded = self.pool.run(move || decode(&wav, &limits)).await.map_err(Error::from)?;
        decoded.map(|sound| sound.samples).map_err(|error| Error::Unavailable(format!("espeak-ng: {error}")))
    }
}

impl From<NotDone> for Error {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Busy { retry_after } => Self::Busy { retry_after },
            NotDone::BrokenOff => Self::Unavailable("the work was broken off".to_owned()),
        }
    }
}
