//! Has the days compared that are due: daily.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use super::later;
use crate::Payments;

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::days(1);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReconcileDays {}

impl Job for ReconcileDays {
    const KIND: &'static str = "reconcile-days";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments) -> Result<(), Failure> {
    payments.plan_days().await.map_err(later)
}
