//! Says in the log which complaints wait too long: the law asks for an answer in time.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::{Privacy, db};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(6);
/// How long before its time is over a complaint is named.
const SOON: TimeDelta = TimeDelta::days(7);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LookAtGrievances {}

impl Job for LookAtGrievances {
    const KIND: &'static str = "look-at-grievances";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(privacy: Privacy) -> Result<(), Failure> {
    let now = privacy.clock.now();
    let (overdue, soon) = db::grievances::due(&mut *privacy.db.acquire().await?, now, now + SOON).await?;
    if overdue > 0 {
        tracing::error!(
            overdue,
            soon,
            "complaints about personal data were not answered in time: /op/grievances"
        );
    } else if soon > 0 {
        tracing::warn!(
            soon,
            "complaints about personal data are to be answered within a week: /op/grievances"
        );
    }
    Ok(())
}
