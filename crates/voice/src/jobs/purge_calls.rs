//! Forgets how calls to providers went, days later.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::Voice;
use crate::db::provider_minutes;

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);
/// Rows of one statement.
const BATCH: i64 = 500;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeCalls {}

impl Job for PurgeCalls {
    const KIND: &'static str = "purge-provider-calls";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(voice: Voice) -> Result<(), Failure> {
    let Some(kept) = &voice.kept else { return Ok(()) };
    let now = voice.inner.ground.clock.now();
    while provider_minutes::purge(&mut *kept.db.acquire().await?, now, BATCH).await? > 0 {}
    Ok(())
}
