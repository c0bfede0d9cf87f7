//! Jobs that come round: every so often, one node at a time.

use chrono::TimeDelta;

use super::{Draft, Job, Jobs, db};

/// A job that is enqueued every `every`, once among all nodes.
#[derive(Debug, Clone)]
pub struct Schedule {
    name: &'static str,
    every: TimeDelta,
    draft: Draft,
}

impl Schedule {
    /// Enqueues `job` every `every`. Where the last one still waits, the turn is skipped.
    pub fn every<J: Job>(every: TimeDelta, job: &J) -> Self {
        Self { name: J::KIND, every, draft: Draft::of_nobody(job).once("scheduled") }
    }

    pub(super) async fn plan(&self, jobs: &Jobs) -> Result<(), sqlx::Error> {
        db::plan(&mut *jobs.db.acquire().await?, self.name, jobs.clock.now() + self.every).await
    }

    /// Enqueues the job where its time has come; moving the schedule on and enqueueing are one transaction.
    pub(super) async fn tick(&self, jobs: &Jobs) -> Result<(), sqlx::Error> {
        let now = jobs.clock.now();
        let mut transaction = jobs.db.begin().await?;
        if db::take_turn(&mut transaction, self.name, now, now + self.every).await? {
            jobs.enqueue(&mut transaction, self.draft.clone()).await?;
        }
        transaction.commit().await
    }
}
