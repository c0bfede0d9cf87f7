//! Many callers in one commit.

use std::sync::Arc;
use std::time::Duration;

use platform::{Db, RetryHint};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout_at};

use crate::known::Known;
use crate::{Error, Ledger, Posted, Posting};

/// How often a batch is tried in all.
const ATTEMPTS_MAX: u32 = 6;

/// How much a [`Batcher`] takes together, and how much it lets wait.
#[derive(Debug, Clone, Copy)]
pub struct BatcherOptions {
    /// For how long a batch that could grow waits at most.
    pub linger: Duration,
    /// The most postings of one commit, at least one.
    pub postings_max: usize,
    /// How many postings may wait; the next is refused as [`Error::Busy`]. At least one.
    pub queue_max: usize,
}

/// Posts for many callers at once: what arrives within some milliseconds is posted in one transaction, with as many
/// statements as a single posting, and each caller gets the answer to its own. Cheap to clone.
///
/// The rules are those of [`Ledger::post`], applied in the order of arrival. The batcher remembers the accounts as it left them, so that
/// one statement is enough as long as nobody else posts to them and no posting is refused or made again; then it reads and locks them as
/// [`Ledger::post`] does.
#[derive(Debug, Clone)]
pub struct Batcher {
    queue: mpsc::Sender<Call>,
}

/// What waits to be posted.
#[derive(Debug)]
struct Call {
    posting: Posting,
    answer: oneshot::Sender<Result<Posted, Error>>,
}

struct Worker {
    ledger: Ledger,
    db: Db,
    options: BatcherOptions,
    known: Known,
}

impl Default for BatcherOptions {
    /// 2 ms, 512 postings a commit, 4096 waiting.
    fn default() -> Self {
        Self { linger: Duration::from_millis(2), postings_max: 512, queue_max: 4096 }
    }
}

impl Batcher {
    /// A batcher, and the work that it needs somebody to run beside it: to be spawned. The work ends when every clone of
    /// the batcher is gone and all that waited is answered.
    pub fn new(
        ledger: Ledger,
        db: Db,
        options: BatcherOptions,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, calls) = mpsc::channel(options.queue_max.max(1));
        let options = BatcherOptions { postings_max: options.postings_max.max(1), ..options };
        let worker = Worker { ledger, db, options, known: Known::default() };
        (Self { queue }, worker.run(calls))
    }

    /// Posts durably, together with what others post at the same time; their failures are not this posting's.
    ///
    /// Who stops waiting does not know whether the posting stands, and may post it again.
    ///
    /// # Errors
    /// As [`Ledger::post`]. [`Error::Busy`] and nothing was done. [`Error::NotCommitted`] and [`Error::Stopped`] where it is
    /// not known what was done; posting again under the same key tells.
    pub async fn post(&self, posting: Posting) -> Result<Posted, Error> {
        posting.checked()?;
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Call { posting, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopped,
        })?;
        answered.await.unwrap_or(Err(Error::Stopped))
    }
}

impl Worker {
    async fn run(mut self, mut calls: mpsc::Receiver<Call>) {
        let mut expected = 1;
        let mut batch = Vec::new();
        while calls.recv_many(&mut batch, self.options.postings_max).await > 0 {
            self.gather(&mut calls, &mut batch, expected).await;
            let answered = batch.len();
            self.commit(std::mem::take(&mut batch)).await;
            // Whoever was answered may well come again, and belongs into one batch with those who wait already.
            expected = (answered + calls.len()).min(self.options.postings_max);
        }
    }

    /// Waits until as many have come as are expected, but not long; whoever came by then is taken along.
    async fn gather(&self, calls: &mut mpsc::Receiver<Call>, batch: &mut Vec<Call>, expected: usize) {
        let deadline = Instant::now() + self.options.linger;
        while batch.len() < expected {
            let room = self.options.postings_max - batch.len();
            match timeout_at(deadline, calls.recv_many(batch, room)).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => break,
            }
        }
        while batch.len() < self.options.postings_max
            && let Ok(call) = calls.try_recv()
        {
            batch.push(call);
        }
    }

    async fn commit(&mut self, batch: Vec<Call>) {
        let (postings, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|Call { posting, answer }| (posting, answer)).unzip();
        let results = match self.post_repeatedly(&postings).await {
            // Something in one of them that the database itself refuses is not the others' fault.
            Err(error) if postings.len() > 1 && !error.may_be_repeated() => {
                let mut results = Vec::with_capacity(postings.len());
                for posting in &postings {
                    results.extend(self.post_or_not(std::slice::from_ref(posting)).await);
                }
                results
            }
            Err(error) => not_committed(error, postings.len()),
            Ok(results) => results,
        };
        for (answer, result) in answers.into_iter().zip(results) {
            // Whoever no longer waits has no use for the answer.
            let _ = answer.send(result);
        }
    }

    async fn post_or_not(&mut self, postings: &[Posting]) -> Vec<Result<Posted, Error>> {
        let results = self.post_repeatedly(postings).await;
        results.unwrap_or_else(|error| not_committed(error, postings.len()))
    }

    /// One transaction, repeated where it lost a race or its connection: whether it was committed then or not, its keys tell.
    async fn post_repeatedly(&mut self, postings: &[Posting]) -> Result<Vec<Result<Posted, Error>>, Error> {
        match self.post_from_memory(postings).await {
            Ok(Some(posted)) => return Ok(posted.into_iter().map(Ok).collect()),
            Ok(None) => {}
            Err(error) => {
                self.known = Known::default();
                if !error.may_be_repeated() {
                    return Err(error);
                }
            }
        }
        let mut attempt = 1;
        loop {
            match self.post_under_locks(postings).await {
                Err(error) if error.may_be_repeated() && attempt < ATTEMPTS_MAX => {}
                result => return result,
            }
            sleep(Duration::from_millis(4 << attempt)).await;
            attempt += 1;
        }
    }

    async fn post_from_memory(&mut self, postings: &[Posting]) -> Result<Option<Vec<Posted>>, Error> {
        let mut connection = self.db.acquire().await?;
        self.ledger.post_known(&mut connection, &mut self.known, postings).await
    }

    async fn post_under_locks(&mut self, postings: &[Posting]) -> Result<Vec<Result<Posted, Error>>, Error> {
        let mut transaction = self.db.begin().await?;
        let (results, outcome) = self.ledger.post_all(&mut transaction, postings).await?;
        transaction.commit().await?;
        self.known.correct(outcome);
        Ok(results)
    }
}

fn not_committed(error: Error, postings: usize) -> Vec<Result<Posted, Error>> {
    let error = Arc::new(error);
    (0..postings).map(|_| Err(Error::NotCommitted(Arc::clone(&error)))).collect()
}

impl Error {
    /// Whether the same transaction may succeed when it is done again by its keys, even if it is not known how it ended.
    fn may_be_repeated(&self) -> bool {
        self.is_lost_race() || matches!(self, Self::Database(error) if lost_connection(error))
    }
}

fn lost_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // Ended by an operator, a crash or a time-out; not accepting connections yet; class 08.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            matches!(&*code, "57P01" | "57P02" | "57P03" | "25P03") || code.starts_with("08")
        }),
        _ => false,
    }
}
