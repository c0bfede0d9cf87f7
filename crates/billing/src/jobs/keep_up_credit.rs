//! Gives back what was reserved and never charged, ends lots whose time is over, wakes work that can be paid again.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::Credits;

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeepUpCredit {}

impl Job for KeepUpCredit {
    const KIND: &'static str = "keep-up-credit";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(credits: Credits) -> Result<(), Failure> {
    Ok(credits.keep_up().await?)
}
