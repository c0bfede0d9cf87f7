//! Runs jobs: claims, holds, renews, records how each ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::db::{self, Claimed, Outcome};
use super::{Failure, IDLE, Job, Jobs, Schedule};

/// How often leases are renewed, silent workers' jobs taken over, and schedules looked at.
const TEND_EVERY: Duration = Duration::from_secs(5);
/// How long a stopping worker waits for the jobs it runs; what is not done then runs again elsewhere.
const STOP_WITHIN: Duration = Duration::from_secs(5);
/// The longest a failed job waits for its next try.
const BACK_OFF_MAX: TimeDelta = TimeDelta::hours(1);

type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// What to do for each kind of job, and which come round by themselves.
#[derive(Clone, Default)]
pub struct Handlers {
    by_kind: HashMap<&'static str, Handler>,
    schedules: Vec<Schedule>,
}

/// Runs jobs until it is stopped.
#[derive(Clone)]
pub struct Worker {
    jobs: Jobs,
    handlers: Arc<Handlers>,
    concurrency: usize,
    holder: Uuid,
}

impl Handlers {
    /// Says how a kind of job is done.
    ///
    /// # Panics
    /// Where two contexts claim the same kind: the wiring is wrong.
    #[must_use]
    pub fn on<J, F>(mut self, handle: impl Fn(J) -> F + Send + Sync + 'static) -> Self
    where
        J: Job,
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let handle = Arc::new(handle);
        let parse_and_handle: Handler = Arc::new(move |payload| {
            let handle = Arc::clone(&handle);
            Box::pin(async move {
                match serde_json::from_value(payload) {
                    Ok(job) => handle(job).await,
                    Err(error) => Err(Failure::Dead(error.into())),
                }
            })
        });
        let other = self.by_kind.insert(J::KIND, parse_and_handle);
        assert!(other.is_none(), "two handlers for jobs of kind {}", J::KIND);
        self
    }

    /// Adds a job that comes round by itself.
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Takes over another context's handlers and schedules.
    ///
    /// # Panics
    /// Where two contexts claim the same kind.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (kind, handler) in other.by_kind {
            let double = self.by_kind.insert(kind, handler);
            assert!(double.is_none(), "two handlers for jobs of kind {kind}");
        }
        self.schedules.extend(other.schedules);
        self
    }
}

impl Worker {
    /// A worker that runs at most `concurrency` jobs at a time.
    pub fn new(jobs: Jobs, handlers: Handlers, concurrency: usize) -> Self {
        let holder = jobs.entropy.id(jobs.clock.now());
        Self { jobs, handlers: Arc::new(handlers), concurrency, holder }
    }

    /// Runs everything that is due now and returns how many jobs ran. For tests and one-off commands.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn run_due(&self) -> Result<usize, sqlx::Error> {
        self.tend().await?;
        let mut ran = 0;
        loop {
            let claimed = self.claim(self.concurrency).await?;
            if claimed.is_empty() {
                return Ok(ran);
            }
            ran += claimed.len();
            let runs: JoinSet<()> = claimed.into_iter().map(|job| self.clone().run_one(job)).collect();
            runs.join_all().await;
        }
    }

    /// Runs until `stop` is cancelled, then waits a moment for what is under way.
    pub async fn run(self, stop: CancellationToken) {
        self.plan().await;
        let mut running = JoinSet::new();
        let mut tend = tokio::time::interval(TEND_EVERY);
        while !stop.is_cancelled() {
            let free = self.concurrency - running.len();
            let claimed = if free == 0 { Vec::new() } else { self.claim_or_log(free).await };
            let busy = !claimed.is_empty();
            for job in claimed {
                running.spawn(self.clone().run_one(job));
            }
            if busy && running.len() < self.concurrency {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tend.tick() => self.tend_or_log().await,
                _ = running.join_next(), if !running.is_empty() => {}
                () = self.jobs.nudge.wait(IDLE), if running.len() < self.concurrency => {}
            }
        }
        let drained = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN, drained).await.is_err() {
            tracing::warn!(jobs = running.len(), "stopping before these jobs ended; they will run again");
        }
    }

    async fn plan(&self) {
        for schedule in &self.handlers.schedules {
            if let Err(error) = schedule.plan(&self.jobs).await {
                tracing::warn!(%error, "a schedule could not be planned");
            }
        }
    }

    async fn claim(&self, limit: usize) -> Result<Vec<Claimed>, sqlx::Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        db::claim(&mut *self.jobs.db.acquire().await?, self.holder, self.jobs.clock.now(), limit).await
    }

    async fn claim_or_log(&self, limit: usize) -> Vec<Claimed> {
        match self.claim(limit).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(%error, "the job queue could not be read");
                tokio::time::sleep(IDLE).await;
                Vec::new()
            }
        }
    }

    /// Renews this worker's leases, takes over silent workers' jobs, enqueues what has come round.
    async fn tend(&self) -> Result<(), sqlx::Error> {
        let now = self.jobs.clock.now();
        let mut connection = self.jobs.db.acquire().await?;
        db::renew(&mut connection, self.holder, now).await?;
        db::reclaim(&mut connection, now).await?;
        drop(connection);
        for schedule in &self.handlers.schedules {
            schedule.tick(&self.jobs).await?;
        }
        Ok(())
    }

    async fn tend_or_log(&self) {
        if let Err(error) = self.tend().await {
            tracing::warn!(%error, "the job queue could not be tended");
        }
    }

    async fn run_one(self, job: Claimed) {
        let started = job.id;
        let result = match self.handlers.by_kind.get(job.kind.as_str()) {
            // A task of its own, so that a panic ends this job and not the worker.
            Some(handler) => match tokio::spawn(handler(job.payload.clone())).await {
                Ok(result) => result,
                Err(panic) => Err(Failure::Retry(anyhow::anyhow!(panic))),
            },
            None => Err(Failure::Dead(anyhow::anyhow!("no handler for this kind of job"))),
        };
        if let Err(error) = self.record(&job, result).await {
            tracing::warn!(job = %started, kind = job.kind, %error, "how a job ended could not be recorded; it will run again");
        }
    }

    async fn record(&self, job: &Claimed, result: Result<(), Failure>) -> Result<(), sqlx::Error> {
        let mut connection = self.jobs.db.acquire().await?;
        let Err(failure) = result else {
            return db::finish(&mut connection, self.holder, job.id).await;
        };
        let outcome = self.outcome(job, failure);
        tracing::warn!(job = %job.id, kind = job.kind, state = outcome.state, error = outcome.error, "a job did not succeed");
        db::set_back(&mut connection, self.holder, job.id, &outcome).await
    }

    fn outcome(&self, job: &Claimed, failure: Failure) -> Outcome {
        let now = self.jobs.clock.now();
        let again = |run_at, error: anyhow::Error| {
            let state = if job.attempts < job.attempts_max { "ready" } else { "dead" };
            Outcome { state, run_at, error: format!("{error:#}") }
        };
        match failure {
            Failure::Retry(error) => again(self.back_off(now, job.attempts), error),
            Failure::RetryAfter(wait, error) => {
                again(now + TimeDelta::from_std(wait).unwrap_or(BACK_OFF_MAX).min(BACK_OFF_MAX), error)
            }
            Failure::Dead(error) => Outcome { state: "dead", run_at: now, error: format!("{error:#}") },
            Failure::NoCredit => Outcome { state: "paused", run_at: now, error: "no credit".to_owned() },
        }
    }

    /// 1, 2, 4 … seconds up to an hour, each made up to a quarter longer so that a crowd spreads out.
    fn back_off(&self, now: DateTime<Utc>, attempts: i16) -> DateTime<Utc> {
        let doubled = TimeDelta::seconds(1 << attempts.clamp(1, 12).saturating_sub(1));
        let wait = doubled.min(BACK_OFF_MAX);
        let quarter = u64::try_from(wait.num_milliseconds() / 4).unwrap_or_default();
        let jitter = i64::try_from(self.jobs.entropy.below(quarter)).unwrap_or_default();
        now + wait + TimeDelta::milliseconds(jitter)
    }
}
