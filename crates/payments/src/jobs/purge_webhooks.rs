//! Deletes webhooks whose time is over: they hold payers' addresses. What they changed stays.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::{Payments, db};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(6);
/// Rows one statement deletes.
const BATCH: i64 = 500;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeWebhooks {}

impl Job for PurgeWebhooks {
    const KIND: &'static str = "purge-webhooks";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(payments: Payments) -> Result<(), Failure> {
    let before = payments.clock.now() - payments.retention.webhooks();
    let mut connection = payments.db.acquire().await?;
    while db::webhooks::purge(&mut connection, before, BATCH).await? > 0 {}
    Ok(())
}
