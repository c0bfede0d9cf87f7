//! Webhooks stored together: those that come while others are being stored share the next commit.
//!
//! Nobody is at work behind it. Of all who wait, one stores what everybody brought and answers the others; where its caller goes away in
//! the midst, what is left is stored by the next.

use std::sync::{Arc, Mutex, PoisonError};

use platform::db::repeat;
use platform::jobs::{Draft, Jobs};
use platform::{Clock, Db};
use tokio::sync::oneshot::{self, error::TryRecvError};
use uuid::Uuid;

use crate::db;
use crate::jobs::process_webhook::ProcessWebhook;

/// The most webhooks of one commit.
const TOGETHER_MAX: usize = 64;

/// How it ended. A failure is shared by all who were stored together.
type Stored = Result<(), Arc<sqlx::Error>>;

/// A webhook to be stored.
#[derive(Debug)]
pub(crate) struct NewWebhook {
    pub id: Uuid,
    pub gateway: String,
    pub event_id: String,
    pub event: String,
    /// As it was signed, sealed: it may name a payer.
    pub body_sealed: Vec<u8>,
    pub signature: String,
}

/// Those who wait, and whose turn it is to store.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    waiting: Mutex<Vec<Waiting>>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Waiting {
    new: Arc<NewWebhook>,
    answer: oneshot::Sender<Stored>,
}

impl Intake {
    /// Stores a webhook durably, with a job that works on it, unless the gateway's event is known already.
    ///
    /// # Errors
    /// Whatever the database says to those that are stored together.
    pub(crate) async fn store(&self, (db, jobs, clock): (&Db, &Jobs, &Clock), new: NewWebhook) -> Stored {
        let new = Arc::new(new);
        loop {
            let mut answered = self.wait(&new);
            let turn = tokio::select! {
                biased;
                told = &mut answered => match told {
                    Ok(stored) => return stored,
                    // Whoever stored this one went away.
                    Err(_) => continue,
                },
                turn = self.turn.lock() => turn,
            };
            loop {
                match answered.try_recv() {
                    Ok(stored) => return stored,
                    Err(TryRecvError::Closed) => break,
                    Err(TryRecvError::Empty) => self.store_waiting((db, jobs, clock)).await,
                }
            }
            drop(turn);
        }
    }

    fn wait(&self, new: &Arc<NewWebhook>) -> oneshot::Receiver<Stored> {
        let (answer, answered) = oneshot::channel();
        self.waiting().push(Waiting { new: Arc::clone(new), answer });
        answered
    }

    async fn store_waiting(&self, (db, jobs, clock): (&Db, &Jobs, &Clock)) {
        let together: Vec<Waiting> = {
            let mut waiting = self.waiting();
            let count = waiting.len().min(TOGETHER_MAX);
            waiting.drain(..count).collect()
        };
        let mut news: Vec<&NewWebhook> = together.iter().map(|waiting| &*waiting.new).collect();
        // Several servers that are told the same events take them in one order.
        news.sort_unstable_by_key(|new| (&new.gateway, &new.event_id));
        let stored = repeat(|| store_all(db, jobs, clock, &news)).await.map_err(Arc::new);
        for Waiting { answer, .. } in together {
            // Whoever no longer waits has no use for the answer.
            let _ = answer.send(stored.clone());
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn store_all(db: &Db, jobs: &Jobs, clock: &Clock, news: &[&NewWebhook]) -> Result<(), sqlx::Error> {
    let mut transaction = db.begin().await?;
    let fresh = db::webhooks::insert(&mut transaction, news, clock.now()).await?;
    let drafts = fresh.into_iter().map(|webhook| Draft::of_nobody(&ProcessWebhook { webhook })).collect();
    jobs.enqueue_drafts(&mut transaction, drafts).await?;
    transaction.commit().await
}
