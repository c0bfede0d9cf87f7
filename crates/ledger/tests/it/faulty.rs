//! Ten thousand random operations through both entries with faults beneath them, against the model.
//!
//! Whoever is disturbed asks again under the same key, as callers do, until there is an answer; that must be the model's. What a killed
//! process leaves behind is tried where there are processes: by the credit's tests and the program's.

use std::time::Duration;

use ledger::{Batcher, BatcherOptions, Error, Ledger, Posted, Posting};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sqlx::{AssertSqlSafe, Connection};
use testkit::TestDb;
use tokio::time::{sleep, timeout};
use types::AccountId;

use crate::books::Books;
use crate::histories::{Happening, Play, THE_END, assert_sound, histories};

/// Postings and sweeps that are asked for, repetitions aside.
const OPERATIONS: usize = 10_000;
/// What was disturbed is asked for again so often.
const TRIES: usize = 100;
/// One in so many is disturbed.
const DISTURBED: u64 = 16;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Nobody waits for the answer any more.
    Forgotten,
    /// Connections that are at work are cut, also amid a commit.
    Cut,
    /// Somebody takes the locks the other way round.
    Deadlock,
    /// Somebody holds a lock for longer than anybody waits.
    Locked,
    /// Somebody else wrote what the transaction has seen.
    Serialization,
}

const FAULTS: [Fault; 5] =
    [Fault::Forgotten, Fault::Cut, Fault::Deadlock, Fault::Locked, Fault::Serialization];

/// A database under test, its two entries, and what was done to it.
struct Stage {
    test: TestDb,
    ledger: Ledger,
    batcher: Batcher,
    faults: [u32; FAULTS.len()],
    /// Answers that were no outcome.
    disturbed: u32,
}

impl Stage {
    async fn open() -> Self {
        let test = TestDb::create().await;
        let name: String =
            sqlx::query_scalar("select current_database()").fetch_one(test.db.pool()).await.unwrap();
        for setting in ["lock_timeout = '10ms'", "deadlock_timeout = '3ms'"] {
            let set = format!("alter database {name} set {setting}");
            sqlx::query(AssertSqlSafe(set)).execute(test.db.pool()).await.unwrap();
        }
        let ledger = Ledger::new(test.clock.clone(), test.entropy.clone());
        let (batcher, work) = Batcher::new(ledger.clone(), test.db.clone(), BatcherOptions::default());
        tokio::spawn(work);
        let stage = Self { test, ledger, batcher, faults: [0; FAULTS.len()], disturbed: 0 };
        // From now on every connection has the settings.
        stage.cut("true").await;
        stage
    }

    fn draw(&self, below: u64) -> u64 {
        self.test.entropy.below(below)
    }

    async fn cut(&self, which: &str) {
        let end = format!(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and {which}",
        );
        let _ = sqlx::query(AssertSqlSafe(end)).execute(self.test.db.pool()).await;
    }

    /// Posts by one of the entries, perhaps disturbed, until there is an answer.
    async fn post(&mut self, books: &Books, posting: &Posting) -> Result<Posted, Error> {
        let fault = (self.draw(DISTURBED) == 0).then(|| self.draw(5)).map(|n| usize::try_from(n).unwrap());
        let batched = self.draw(2) == 0;
        let mut answer = match fault {
            Some(fault) => {
                self.faults[fault] += 1;
                self.post_amid(FAULTS[fault], books, (posting, batched)).await
            }
            None => Some(self.post_once((posting, batched), false).await),
        };
        for _ in 0..TRIES {
            match answer {
                Some(Err(Error::Database(_) | Error::NotCommitted(_) | Error::KeyRaced | Error::Busy))
                | None => {
                    self.disturbed += 1;
                    answer = Some(self.post_once((posting, batched), false).await);
                }
                Some(answer) => return answer,
            }
        }
        panic!("it never succeeds: {answer:?}");
    }

    async fn post_once(&self, (posting, batched): (&Posting, bool), seen: bool) -> Result<Posted, Error> {
        if batched {
            return self.batcher.post(posting.clone()).await;
        }
        let mut transaction = self.test.db.begin().await?;
        if seen {
            self.see_and_be_overtaken(&mut transaction, posting).await?;
        }
        let posted = self.ledger.post(&mut transaction, posting).await?;
        transaction.commit().await?;
        Ok(posted)
    }

    /// The transaction has seen the books, and somebody writes to them (the same as is there) before it does.
    async fn see_and_be_overtaken(
        &self,
        transaction: &mut sqlx::PgConnection,
        posting: &Posting,
    ) -> Result<(), Error> {
        sqlx::query("set transaction isolation level repeatable read").execute(&mut *transaction).await?;
        sqlx::query("select count(*) from ledger_accounts").execute(transaction).await?;
        let write = sqlx::query("update ledger_accounts set code = code where tenant_id = $1");
        write.bind(posting.tenant.uuid()).execute(self.test.db.pool()).await?;
        Ok(())
    }

    /// Posts while something goes wrong; none where nobody waited for the answer.
    async fn post_amid(
        &self,
        fault: Fault,
        books: &Books,
        (posting, batched): (&Posting, bool),
    ) -> Option<Result<Posted, Error>> {
        let moment = Duration::from_micros(self.draw(4_000));
        let mut ids = books.accounts.map(AccountId::uuid);
        ids.sort_unstable();
        let lock =
            |n: usize| sqlx::query("select from ledger_accounts where id = $1 for update").bind(ids[n]);
        match fault {
            Fault::Forgotten => timeout(moment, self.post_once((posting, batched), false)).await.ok(),
            Fault::Cut => {
                let cut = async {
                    sleep(moment).await;
                    self.cut("state <> 'idle'").await;
                };
                let posted = tokio::join!(self.post_once((posting, batched), false), cut).0;
                // Until whoever was cut has noticed.
                sleep(Duration::from_millis(2)).await;
                Some(posted)
            }
            Fault::Deadlock => {
                let disorder = async {
                    let Ok(mut other) = self.test.db.begin().await else { return };
                    for n in (0..ids.len()).rev() {
                        if lock(n).execute(&mut *other).await.is_err() {
                            return;
                        }
                        sleep(moment / 4).await;
                    }
                };
                Some(tokio::join!(self.post_once((posting, batched), false), disorder).0)
            }
            Fault::Locked => {
                let mut other = self.test.db.begin().await.ok()?;
                for n in 0..ids.len() {
                    let _ = lock(n).execute(&mut *other).await;
                }
                Some(self.post_once((posting, batched), false).await)
            }
            Fault::Serialization => Some(self.post_once((posting, false), true).await),
        }
    }

    /// Plays one history; gives how many operations it had.
    async fn play(&mut self, history: Vec<Happening>) -> usize {
        let mut play = Play::begin(Books::open(&self.test).await);
        let mut operations = 0;
        for happening in history.into_iter().chain(THE_END) {
            match happening {
                Happening::Wait(seconds) => {
                    self.test.clock.advance(chrono::TimeDelta::seconds(seconds));
                    continue;
                }
                Happening::Expire => {
                    let mut connection = self.test.db.acquire().await.unwrap();
                    let mut transaction = connection.begin().await.unwrap();
                    play.expire(&self.test, &mut transaction).await.unwrap();
                    transaction.commit().await.unwrap();
                }
                Happening::Post(key, steps) => {
                    let steps = play.known(&steps);
                    let posting = play.posting(key, &steps);
                    let answer = self.post(&play.books, &posting).await;
                    play.compare((key, &steps), self.test.clock.now().timestamp(), answer).unwrap();
                }
            }
            operations += 1;
        }
        play.compare_accounts(&self.test, &mut self.test.db.acquire().await.unwrap()).await.unwrap();
        operations
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_operations_with_faults_leave_the_books_as_the_model_has_them() {
    let mut stage = Stage::open().await;
    let mut runner = TestRunner::default();
    let mut operations = 0;
    let mut rounds = 0;
    while operations < OPERATIONS {
        let history = histories().new_tree(&mut runner).unwrap().current();
        operations += stage.play(history).await;
        rounds += 1;
        if rounds % 50 == 0 {
            // As its own housekeeping would, where a test were not over before that comes by.
            sqlx::query("analyze").execute(stage.test.db.pool()).await.unwrap();
        }
    }
    let Stage { faults, disturbed, .. } = &stage;
    eprintln!("{operations} operations, {faults:?} of {FAULTS:?}, asked again {disturbed} times");
    assert!(faults.iter().all(|times| *times > 60) && *disturbed > 60, "{faults:?}, {disturbed}");
    assert_sound(&stage.test).await;
}
