//! Compares one day's money on all sides.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use super::later;
use crate::Payments;
use crate::db::reconcile::runs;
use crate::gateway::chain;
use crate::ids::RunId;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReconcileDay {
    pub run: RunId,
}

impl Job for ReconcileDay {
    const KIND: &'static str = "reconcile-day";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments, job: ReconcileDay) -> Result<(), Failure> {
    match payments.reconcile(job.run).await {
        Ok(()) => Ok(()),
        Err(error) => {
            runs::note(&mut *payments.db.acquire().await?, job.run, &chain(&error)).await?;
            Err(later(error))
        }
    }
}
