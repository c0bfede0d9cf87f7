//! Forgets visits whose days are over with all that was said in them, and deletes recordings that were kept long enough, were
//! never heard, or belong to nobody.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::Negotiation;
use crate::db::{recordings, reports, visits};
use crate::recording::BLOBS;

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);
/// Rows one statement looks at.
const BATCH: i64 = 200;
/// Speech that has waited so long will not be heard any more.
const NEVER_HEARD_AFTER: TimeDelta = TimeDelta::days(1);
/// A blob that is older than this and that no recording refers to was left behind by a crash.
const ORPHANED_AFTER: TimeDelta = TimeDelta::hours(1);
/// How long it is known what was decided, or was reported and never decided.
const REPORTS_FOR: TimeDelta = TimeDelta::days(180);
/// Blobs one statement asks about.
const BLOBS_AT_ONCE: usize = 500;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Purge {}

impl Job for Purge {
    const KIND: &'static str = "purge-visits";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(negotiation: Negotiation) -> Result<(), Failure> {
    forget_visits(&negotiation).await?;
    forget_reports(&negotiation).await?;
    delete_kept(&negotiation).await?;
    drop_unheard(&negotiation).await?;
    delete_orphans(&negotiation).await
}

async fn forget_visits(negotiation: &Negotiation) -> Result<(), Failure> {
    let now = negotiation.clock.now();
    loop {
        let mut transaction = negotiation.db.begin().await?;
        let gone = visits::forget(&mut transaction, now, BATCH).await?;
        transaction.commit().await?;
        if gone == 0 {
            return Ok(());
        }
    }
}

async fn forget_reports(negotiation: &Negotiation) -> Result<(), Failure> {
    let before = negotiation.clock.now() - REPORTS_FOR;
    while reports::forget(&mut *negotiation.db.acquire().await?, before, BATCH).await? > 0 {}
    Ok(())
}

/// The sound goes first: a row without its sound is tried again, a sound without its row would be forgotten.
async fn delete_kept(negotiation: &Negotiation) -> Result<(), Failure> {
    let mut connection = negotiation.db.acquire().await?;
    loop {
        let over = recordings::kept_too_long(&mut connection, negotiation.clock.now(), BATCH).await?;
        if over.is_empty() {
            return Ok(());
        }
        for (tenant, recording, blob) in over {
            negotiation.blobs.delete(BLOBS, &blob).await?;
            recordings::drop_original(&mut connection, tenant, recording, negotiation.clock.now()).await?;
        }
    }
}

/// What a dead job left waiting.
async fn drop_unheard(negotiation: &Negotiation) -> Result<(), Failure> {
    let since = negotiation.clock.now() - NEVER_HEARD_AFTER;
    let mut connection = negotiation.db.acquire().await?;
    loop {
        let unheard = recordings::never_heard(&mut connection, since, BATCH).await?;
        if unheard.is_empty() {
            return Ok(());
        }
        for (tenant, recording) in unheard {
            negotiation.give_up(tenant, recording).await?;
        }
    }
}

async fn delete_orphans(negotiation: &Negotiation) -> Result<(), Failure> {
    let since = negotiation.clock.now() - ORPHANED_AFTER;
    let listed = negotiation.blobs.list(BLOBS).await?;
    let old: Vec<String> =
        listed.into_iter().filter(|(_, _, at)| *at < since).map(|(name, ..)| name).collect();
    for names in old.chunks(BLOBS_AT_ONCE) {
        let mut connection = negotiation.db.acquire().await?;
        let kept = recordings::referred_to(&mut connection, names).await?;
        drop(connection);
        for name in names.iter().filter(|name| !kept.contains(name)) {
            negotiation.blobs.delete(BLOBS, name).await?;
        }
    }
    Ok(())
}
