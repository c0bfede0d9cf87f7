//! Background jobs: rows in PostgreSQL, run at least once.
//!
//! A job is enqueued in the transaction that needs it, claimed in batches with `skip locked`, held by a lease that its
//! worker renews, and deleted when it succeeded. A worker that dies loses the lease and the job runs again: **handlers are
//! idempotent**. A job that failed waits longer each time; one that failed too often, or says so itself, is *dead* and
//! waits for the operator. One whose payer has no credit is *paused* and resumes after a top-up.
//!
//! Deliberately absent: a NOTIFY for each row, advisory locks, results of jobs.

mod db;
mod schedule;
mod worker;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;
use types::{JobId, TenantId};

pub use db::{Listed, Tally};
pub use schedule::Schedule;
pub use worker::{Handlers, Worker};

use crate::{Clock, Db, Entropy, Nudge};

/// How long an idle worker sleeps between looks at the queue. News from this node comes sooner, by nudge.
pub const IDLE: Duration = Duration::from_millis(500);

/// How long a claimed job is its worker's without renewal.
const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Work to be done later: its parameters, stored as JSON.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable name (`recognise-recording`).
    const KIND: &'static str;
    /// How often it is tried before it is given up for dead.
    const ATTEMPTS_MAX: i16 = 12;
    /// How soon it wants to run.
    const PRIORITY: Priority = Priority::Normal;
}

/// How soon a job wants to run; ties go by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Nobody waits for it.
    Background,
    /// Soon.
    Normal,
    /// Somebody looks at the screen until it is done.
    Interactive,
}

/// A job before it is enqueued.
#[derive(Debug, Clone)]
pub struct Draft {
    tenant: Option<TenantId>,
    kind: &'static str,
    payload: Result<Value, String>,
    unique_key: Option<String>,
    priority: Priority,
    run_at: Option<DateTime<Utc>>,
    attempts_max: i16,
}

/// How a job did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Try again, later each time.
    Retry(anyhow::Error),
    /// Try again, but not before this long.
    RetryAfter(Duration, anyhow::Error),
    /// Trying again is pointless.
    Dead(anyhow::Error),
    /// The payer's balance is out: wait for a top-up.
    NoCredit,
}

/// The queue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jobs {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    nudge: Nudge,
}

impl Draft {
    /// A job of a tenant, to run as soon as there is room.
    pub fn new<J: Job>(tenant: TenantId, job: &J) -> Self {
        Self { tenant: Some(tenant), ..Self::of_nobody(job) }
    }

    /// A job that belongs to no tenant.
    pub fn of_nobody<J: Job>(job: &J) -> Self {
        Self {
            tenant: None,
            kind: J::KIND,
            payload: serde_json::to_value(job).map_err(|e| e.to_string()),
            unique_key: None,
            priority: J::PRIORITY,
            run_at: None,
            attempts_max: J::ATTEMPTS_MAX,
        }
    }

    /// Runs it not before this time.
    #[must_use]
    pub fn at(self, run_at: DateTime<Utc>) -> Self {
        Self { run_at: Some(run_at), ..self }
    }

    /// Drops it where a job of this kind and key is already waiting.
    #[must_use]
    pub fn once(self, unique_key: impl Into<String>) -> Self {
        Self { unique_key: Some(unique_key.into()), ..self }
    }
}

impl Priority {
    const fn rank(self) -> i16 {
        match self {
            Self::Background => 0,
            Self::Normal => 10,
            Self::Interactive => 20,
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Retry(error.into())
    }
}

impl Jobs {
    /// The queue in this database.
    pub fn new(db: Db, clock: Clock, entropy: Entropy) -> Self {
        Self { db, clock, entropy, nudge: Nudge::default() }
    }

    /// Enqueues a job when the caller's transaction commits.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn enqueue(&self, connection: &mut PgConnection, draft: Draft) -> Result<(), sqlx::Error> {
        self.enqueue_drafts(connection, vec![draft]).await
    }

    /// Enqueues several jobs in one statement.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn enqueue_drafts(
        &self,
        connection: &mut PgConnection,
        drafts: Vec<Draft>,
    ) -> Result<(), sqlx::Error> {
        if drafts.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let with_ids = drafts.into_iter().map(|draft| (self.entropy.id::<JobId>(now), draft)).collect();
        db::insert(connection, with_ids, now).await?;
        self.nudge.soon();
        Ok(())
    }

    /// How many jobs there are, by kind and state. For the operator.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn tally(&self, connection: &mut PgConnection) -> Result<Vec<Tally>, sqlx::Error> {
        db::tally(connection).await
    }

    /// The dead and paused jobs, newest first, at most `limit`. For the operator.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn resting(
        &self,
        connection: &mut PgConnection,
        limit: i64,
    ) -> Result<Vec<Listed>, sqlx::Error> {
        db::resting(connection, limit).await
    }

    /// Gives a dead job another life; false where there is none of that id.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn revive(&self, connection: &mut PgConnection, job: JobId) -> Result<bool, sqlx::Error> {
        let revived = db::revive(connection, job, self.clock.now()).await?;
        self.nudge.soon();
        Ok(revived)
    }

    /// How many jobs of each of these tenants wait for credit; those without any are left out.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn paused(
        &self,
        connection: &mut PgConnection,
        tenants: &[TenantId],
    ) -> Result<Vec<(TenantId, i64)>, sqlx::Error> {
        db::paused(connection, tenants).await
    }

    /// Tenants whose jobs wait for credit, in the order of their ids, at most `limit`, from after one of them on.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn tenants_paused(
        &self,
        connection: &mut PgConnection,
        after: TenantId,
        limit: i64,
    ) -> Result<Vec<TenantId>, sqlx::Error> {
        db::tenants_paused(connection, after, limit).await
    }

    /// Sets a tenant's paused jobs going again after a top-up; gives their number.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn resume(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<u64, sqlx::Error> {
        let resumed = db::resume(connection, tenant, self.clock.now()).await?;
        self.nudge.soon();
        Ok(resumed)
    }
}
