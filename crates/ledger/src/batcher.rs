//! Many callers in one commit.

use std::time::Duration;

use platform::Db;
use tokio::sync::{mpsc, oneshot};

use crate::carrier::Answer;
use crate::worker::Worker;
use crate::{Error, Ledger, Posted, Posting};

/// How much a [`Batcher`] takes together, and how much it lets wait.
#[derive(Debug, Clone, Copy)]
pub struct BatcherOptions {
    /// For how long a batch that could grow waits at most.
    pub linger: Duration,
    /// The most postings of one commit, at least one.
    pub postings_max: usize,
    /// How many batches are under way at once, each on a connection of its own and on other accounts than the rest; at least one.
    pub batches_max: usize,
    /// How many postings may wait beside those of the next batches; one more is refused as [`Error::Busy`]. At least one.
    pub queue_max: usize,
}

/// Posts for many callers at once: what arrives within some milliseconds is posted in one transaction, with as many
/// statements as a single posting, and each caller gets the answer to its own. Cheap to clone.
///
/// The rules are those of [`Ledger::post`], applied to each account in the order of arrival. The batcher remembers the accounts as it left
/// them, so that one statement is enough as long as nobody else posts to them and no posting is refused or made again; then it reads and
/// locks them as [`Ledger::post`] does. Batches of different accounts are under way at the same time.
#[derive(Debug, Clone)]
pub struct Batcher {
    queue: mpsc::Sender<Call>,
}

/// What waits to be posted.
#[derive(Debug)]
pub(crate) struct Call {
    pub posting: Posting,
    pub answer: Answer,
}

impl Default for BatcherOptions {
    /// 2 ms, 512 postings a commit, two batches at once, 4096 waiting.
    fn default() -> Self {
        Self { linger: Duration::from_millis(2), postings_max: 512, batches_max: 2, queue_max: 4096 }
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
        let options = BatcherOptions {
            postings_max: options.postings_max.max(1),
            batches_max: options.batches_max.max(1),
            ..options
        };
        (Self { queue }, Worker::new(ledger, db, options).run(calls))
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
