//! Looks at the next vendors of a run of payouts.

use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::TenantId;

use super::later;
use crate::{Error, Payments, PayoutRunId};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunPayouts {
    pub run: PayoutRunId,
    /// The vendor who was looked at last.
    pub after: Option<TenantId>,
}

impl Job for RunPayouts {
    const KIND: &'static str = "run-payouts";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments, job: RunPayouts) -> Result<(), Failure> {
    payments.go_on_with_run(job).await.map_err(later)
}

impl Payments {
    async fn go_on_with_run(&self, job: RunPayouts) -> Result<(), Error> {
        let Some(last) = self.run_page(job.run, job.after).await? else { return Ok(()) };
        let next = RunPayouts { run: job.run, after: Some(last) };
        let mut transaction = self.db.begin().await?;
        self.jobs.enqueue(&mut transaction, Draft::of_nobody(&next)).await?;
        transaction.commit().await?;
        Ok(())
    }
}
