//! Opens the day's run of payouts.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use super::later;
use crate::Payments;

/// How often it looks whether the day in India has its run.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PayOutDaily {}

impl Job for PayOutDaily {
    const KIND: &'static str = "pay-out-daily";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments) -> Result<(), Failure> {
    payments.open_daily_run().await.map_err(later)
}
