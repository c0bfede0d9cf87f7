//! Deletes what no device can ask for any more: old events, the far end of long logs, logs of guests who are long gone,
//! tickets nobody used.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::Sync;
use crate::db::{log, tickets};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);
/// How long events are kept: a day longer than a visit may be rejoined.
const KEPT_FOR: TimeDelta = TimeDelta::days(8);
/// How many events of one log are kept.
const KEPT_PER_SUBSCRIBER: i64 = 10_000;
/// How long the head of a guest's log outlives its last event.
const HEADS_KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// Rows one statement deletes.
const BATCH: i64 = 5000;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeLog {}

impl Job for PurgeLog {
    const KIND: &'static str = "purge-sync-log";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(sync: Sync) -> Result<(), Failure> {
    let now = sync.clock.now();
    let mut connection = sync.db.acquire().await?;
    while log::purge_old(&mut connection, now - KEPT_FOR, BATCH).await? > 0 {}
    while log::purge_long(&mut connection, KEPT_PER_SUBSCRIBER, BATCH).await? > 0 {}
    while log::purge_quiet(&mut connection, now - HEADS_KEPT_FOR, BATCH).await? > 0 {}
    while tickets::purge(&mut connection, now, BATCH).await? > 0 {}
    Ok(())
}
