//! Keeps the recogniser's process: starts it on demand or when somebody begins to speak, feeds it one utterance at a time,
//! ends it when it idles, fails or takes too long.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{Mutex, MutexGuard, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, timeout};

use super::protocol::{Answer, MESSAGE_BYTES_MAX, Request, Utterance, checked, frame};
use crate::audio::RATE_HZ;

/// Utterances at work or waiting; one more is refused, since its speaker would wait too long.
const PLACES: usize = 5;

/// How long loading the model may take. It takes half a second on a phone-class processor.
const OPEN_WITHIN: Duration = Duration::from_secs(15);

/// How long an utterance may take, besides twice its own length.
const LISTEN_WITHIN: Duration = Duration::from_secs(8);

/// How long the process is kept without work.
const IDLE: Duration = Duration::from_mins(2);

/// How long a process that could not be started, or not load, is remembered as broken.
const TROUBLE_LASTS: Duration = Duration::from_mins(1);

/// Why there is no answer. The process, if there was one, is gone.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// Too many utterances wait.
    #[error("too many utterances wait")]
    Queue,
    /// The process could not be started, or died.
    #[error("the recogniser's process ended: {0}")]
    Process(#[from] io::Error),
    /// The process took too long and was ended.
    #[error("the recogniser took too long")]
    Slow,
    /// The process could not load what it needs.
    #[error("{0}")]
    Load(String),
}

#[derive(Debug)]
pub(super) struct Keeper {
    program: Option<PathBuf>,
    idle: Duration,
    places: Semaphore,
    running: Arc<Mutex<Option<Running>>>,
    /// What was wrong at the last start, and until when that is believed.
    trouble: RwLock<Option<(String, Instant)>>,
}

impl Keeper {
    pub fn new(program: Option<PathBuf>, idle: Option<Duration>) -> Self {
        Self {
            program,
            idle: idle.unwrap_or(IDLE),
            places: Semaphore::new(PLACES),
            running: Arc::default(),
            trouble: RwLock::default(),
        }
    }

    /// Why the process did not start a moment ago.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.read().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().filter(|(_, until)| Instant::now() < *until).map(|(why, _)| why.clone())
    }

    /// Has one utterance recognised. Dropping the future ends the process.
    pub async fn ask(
        &self,
        places: (PathBuf, PathBuf),
        utterance: Utterance,
        samples: &[i16],
    ) -> Result<Answer, Lost> {
        let _place = self.places.try_acquire().map_err(|_| Lost::Queue)?;
        let slot = self.running.lock().await;
        let spoken = Duration::from_secs(samples.len() as u64 / u64::from(RATE_HZ));
        self.work(slot, places, &Request::Listen(utterance), samples, LISTEN_WITHIN + spoken * 2).await
    }

    /// Has the process loaded and this stall's goods learned before an utterance comes; one that comes meanwhile waits for
    /// just that. A process at work, or being started, is left alone.
    pub async fn warm_up(&self, places: (PathBuf, PathBuf), names: Vec<String>) -> Result<(), Lost> {
        let Ok(slot) = self.running.try_lock() else { return Ok(()) };
        match self.work(slot, places, &Request::Learn { names }, &[], LISTEN_WITHIN).await? {
            Answer::Failed { why } => Err(Lost::Load(why)),
            _ => Ok(()),
        }
    }

    /// One exchange with the process, started where there is none, which rests afterwards.
    async fn work(
        &self,
        mut slot: MutexGuard<'_, Option<Running>>,
        places: (PathBuf, PathBuf),
        request: &Request,
        samples: &[i16],
        within: Duration,
    ) -> Result<Answer, Lost> {
        // Taken out while it works: whoever gives up half-way drops it, and no answer is ever read by the next.
        let mut running = match slot.take().and_then(Running::awake) {
            Some(running) => running,
            None => self.start(places).await?,
        };
        match running.exchange(request, samples, within).await {
            Ok(answer) => {
                running.rest(&self.running, self.idle);
                *slot = Some(running);
                Ok(answer)
            }
            Err(lost) => {
                running.end(&lost).await;
                Err(lost)
            }
        }
    }

    async fn start(&self, (library, model): (PathBuf, PathBuf)) -> Result<Running, Lost> {
        let started = match self.spawn() {
            Ok(mut running) => {
                match running.exchange(&Request::Open { library, model }, &[], OPEN_WITHIN).await {
                    Ok(Answer::Failed { why }) => Err(Lost::Load(why)),
                    Ok(_) => Ok(running),
                    Err(lost) => {
                        running.end(&lost).await;
                        Err(lost)
                    }
                }
            }
            Err(error) => Err(Lost::Process(error)),
        };
        let trouble = started.as_ref().err().map(|lost| (lost.to_string(), Instant::now() + TROUBLE_LASTS));
        *self.trouble.write().unwrap_or_else(PoisonError::into_inner) = trouble;
        started
    }

    fn spawn(&self) -> io::Result<Running> {
        let program = match &self.program {
            Some(program) => program.clone(),
            None => std::env::current_exe()?,
        };
        let mut child = Command::new(program)
            .arg("recogniser")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe));
        };
        Ok(Running { child, stdin, stdout, resting: None })
    }
}

/// A process that runs.
#[derive(Debug)]
struct Running {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// Ends the process when the rest has lasted long enough.
    resting: Option<AbortHandle>,
}

impl Running {
    /// The process woken from its rest, where it is still there.
    fn awake(mut self) -> Option<Self> {
        if let Some(resting) = self.resting.take() {
            resting.abort();
        }
        matches!(self.child.try_wait(), Ok(None)).then_some(self)
    }

    async fn exchange(
        &mut self,
        request: &Request,
        samples: &[i16],
        within: Duration,
    ) -> Result<Answer, Lost> {
        let mut message = frame(request)?;
        message.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        let exchange = async {
            self.stdin.write_all(&message).await?;
            self.stdin.flush().await?;
            let length = checked(self.stdout.read_u32_le().await?, MESSAGE_BYTES_MAX)?;
            let mut json = vec![0; length];
            self.stdout.read_exact(&mut json).await?;
            Ok::<Answer, io::Error>(serde_json::from_slice(&json)?)
        };
        Ok(timeout(within, exchange).await.map_err(|_| Lost::Slow)??)
    }

    /// Ends the process after a while without work.
    fn rest(&mut self, slot: &Arc<Mutex<Option<Self>>>, idle: Duration) {
        let slot: Weak<_> = Arc::downgrade(slot);
        let task = tokio::spawn(async move {
            sleep(idle).await;
            let Some(slot) = slot.upgrade() else { return };
            // Whoever takes the process to work aborts this task first.
            let Some(resting) = slot.lock().await.take() else { return };
            let Self { mut child, stdin, stdout, .. } = resting;
            drop((stdin, stdout));
            if timeout(LISTEN_WITHIN, child.wait()).await.is_err() {
                drop(child);
            }
        });
        self.resting = Some(task.abort_handle());
    }

    /// Ends the process now.
    async fn end(mut self, why: &Lost) {
        let status = match self.child.try_wait() {
            Ok(Some(status)) => Some(status),
            _ => self.child.kill().await.ok().and(None),
        };
        tracing::warn!(error = %why, status = status.map(tracing::field::display), "the recogniser's process was lost");
    }
}
