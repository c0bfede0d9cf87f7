//! Deletes copies whose day is over, and a month later that they were asked for.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::export::BLOBS;
use crate::{Privacy, db};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);
/// Rows one statement looks at.
const BATCH: i64 = 200;
/// How long it is known that a copy was asked for.
const KNOWN_FOR: TimeDelta = TimeDelta::days(30);
/// A file that is older than this and belongs to no copy was left behind.
const ORPHANED_AFTER: TimeDelta = TimeDelta::days(2);

/// Files one statement asks about.
const BLOBS_AT_ONCE: usize = 500;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeExports {}

impl Job for PurgeExports {
    const KIND: &'static str = "purge-data-exports";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(privacy: Privacy) -> Result<(), Failure> {
    let now = privacy.clock.now();
    let mut connection = privacy.db.acquire().await?;
    loop {
        let expired = db::exports::expired(&mut connection, now, BATCH).await?;
        if expired.is_empty() {
            break;
        }
        // The file goes first: a row without its file is tried again, a file without its row would be forgotten.
        for (id, key) in expired {
            privacy.blobs.delete(BLOBS, &key).await?;
            db::exports::over(&mut connection, id).await?;
        }
    }
    while db::exports::purge(&mut connection, now - KNOWN_FOR, BATCH).await? > 0 {}
    let listed = privacy.blobs.list(BLOBS).await?;
    let old: Vec<String> =
        listed.into_iter().filter(|(_, _, at)| *at < now - ORPHANED_AFTER).map(|(name, ..)| name).collect();
    for names in old.chunks(BLOBS_AT_ONCE) {
        let kept = db::exports::referred_to(&mut connection, names).await?;
        for name in names.iter().filter(|name| !kept.contains(name)) {
            privacy.blobs.delete(BLOBS, name).await?;
        }
    }
    Ok(())
}
