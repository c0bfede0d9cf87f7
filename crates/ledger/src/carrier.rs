//! Carries one batch at a time into the books, on a connection of its own.

use std::sync::Arc;
use std::time::Duration;

use platform::{Db, RetryHint};
use sqlx::{Connection, PgConnection};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::book::Outcome;
use crate::db::{self, Unless};
use crate::{Error, Ledger, Posted, Posting};

/// How often a batch is tried in all.
const ATTEMPTS_MAX: u32 = 6;
/// A server that does not answer a new connection is none.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Who waits for a posting.
pub(crate) type Answer = oneshot::Sender<Result<Posted, Error>>;

/// What postings come to if the books are as they are remembered.
#[derive(Debug)]
pub(crate) struct Plan {
    pub posted: Vec<Posted>,
    pub outcome: Outcome,
    pub unless: Unless,
}

/// What there is to be remembered of the books.
#[derive(Debug)]
pub(crate) enum Learnt {
    /// This was written as it was worked out from memory.
    Written(Outcome),
    /// This was written under locks.
    Locked(Outcome),
    /// How it ended is not known.
    Nothing,
}

/// What a batch came to.
#[derive(Debug)]
pub(crate) struct Carried {
    pub carrier: Carrier,
    /// In the order of the postings.
    pub results: Vec<Result<Posted, Error>>,
    pub learnt: Vec<Learnt>,
}

/// Carries batches.
#[derive(Debug)]
pub(crate) struct Carrier {
    ledger: Ledger,
    db: Db,
    /// Until something goes wrong on it.
    connection: Option<PgConnection>,
}

impl Carrier {
    pub(crate) const fn new(ledger: Ledger, db: Db) -> Self {
        Self { ledger, db, connection: None }
    }

    /// Posts them, as planned where that is still right.
    pub(crate) async fn carry(mut self, postings: Vec<Posting>, plan: Option<Plan>) -> Carried {
        let mut learnt = Vec::new();
        let results = match self.post_repeatedly(&postings, plan, &mut learnt).await {
            // Something in one of them that the database itself refuses is not the others' fault.
            Err(error) if postings.len() > 1 && !error.may_be_repeated() => {
                let mut results = Vec::with_capacity(postings.len());
                for posting in postings.chunks(1) {
                    let result = self.post_repeatedly(posting, None, &mut learnt).await;
                    results.extend(result.unwrap_or_else(|error| not_committed(error, 1)));
                }
                results
            }
            Err(error) => not_committed(error, postings.len()),
            Ok(results) => results,
        };
        Carried { carrier: self, results, learnt }
    }

    /// One transaction, repeated where it lost a race or its connection: whether it was committed then or not, its keys tell.
    async fn post_repeatedly(
        &mut self,
        postings: &[Posting],
        plan: Option<Plan>,
        learnt: &mut Vec<Learnt>,
    ) -> Result<Vec<Result<Posted, Error>>, Error> {
        if let Some(Plan { posted, outcome, unless }) = plan {
            match self.write(&outcome, &unless).await {
                Ok(true) => {
                    learnt.push(Learnt::Written(outcome));
                    return Ok(posted.into_iter().map(Ok).collect());
                }
                Ok(false) => {}
                Err(error) => {
                    learnt.push(Learnt::Nothing);
                    if !error.may_be_repeated() {
                        return Err(error);
                    }
                }
            }
        }
        let mut attempt = 1;
        loop {
            match self.post_under_locks(postings).await {
                Err(error) if error.may_be_repeated() && attempt < ATTEMPTS_MAX => {}
                Err(error) => return Err(error),
                Ok((results, outcome)) => {
                    learnt.push(Learnt::Locked(outcome));
                    return Ok(results);
                }
            }
            sleep(Duration::from_millis(4 << attempt)).await;
            attempt += 1;
        }
    }

    async fn write(&mut self, outcome: &Outcome, unless: &Unless) -> Result<bool, Error> {
        let mut connection = self.take_connection().await?;
        let stands = db::write(&mut connection, outcome, unless).await?;
        self.connection = Some(connection);
        Ok(stands)
    }

    async fn post_under_locks(
        &mut self,
        postings: &[Posting],
    ) -> Result<(Vec<Result<Posted, Error>>, Outcome), Error> {
        let mut connection = self.take_connection().await?;
        let mut transaction = connection.begin().await?;
        let posted = self.ledger.post_all(&mut transaction, postings).await?;
        transaction.commit().await?;
        self.connection = Some(connection);
        Ok(posted)
    }

    /// The connection, taken out: it is only put back where all went well on it.
    async fn take_connection(&mut self) -> Result<PgConnection, Error> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let connected = async {
            let mut connection = self.db.connect_apart().await?;
            db::go_by_indexes(&mut connection).await?;
            Ok(connection)
        };
        timeout(CONNECT_WITHIN, connected).await.unwrap_or(Err(Error::Database(sqlx::Error::PoolTimedOut)))
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
