//! Begins the periods of subscriptions, gives notice of what is charged for the next, asks for unpaid money again, ends what was not paid.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::Plans;

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::minutes(1);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RenewPlans {}

impl Job for RenewPlans {
    const KIND: &'static str = "renew-plans";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(plans: Plans) -> Result<(), Failure> {
    plans.renew().await?;
    Ok(plans.give_notices().await?)
}
