//! Deletes sessions, sign-ins that nobody finished, letters and messages whose link or code is over, questions that no passkey answered, passes and failure counts whose time is over: they stopped counting then; this only
//! makes room. And what accounts' logs hold beyond the time for which they are kept.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};

use crate::{Identity, db};

/// How often it runs.
pub(crate) const EVERY: TimeDelta = TimeDelta::hours(1);
/// Rows one statement deletes.
const BATCH: i64 = 1000;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeExpired {}

impl Job for PurgeExpired {
    const KIND: &'static str = "purge-expired-sign-ins";
    const PRIORITY: Priority = Priority::Background;
}

pub(crate) async fn run(identity: Identity) -> Result<(), Failure> {
    let now = identity.clock.now();
    let mut connection = identity.db.acquire().await?;
    while db::sessions::purge(&mut connection, now, BATCH).await? > 0 {}
    let lost = now - crate::app_token::LOST_WITHIN;
    while db::app_tokens::forget_answers(&mut connection, lost, BATCH).await? > 0 {}
    while db::half_sign_ins::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::passkeys::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::openid::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::api_keys::purge_nonces(&mut connection, now, BATCH).await? > 0 {}
    while db::api_keys::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::guests::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::letters::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::texts::purge(&mut connection, now, BATCH).await? > 0 {}
    while db::throttle::purge(&mut connection, now, BATCH).await? > 0 {}
    let before = now - identity.config.retention.account_log();
    while db::account_acts::purge(&mut connection, before, BATCH).await? > 0 {}
    while db::consents::purge(&mut connection, before, BATCH).await? > 0 {}
    Ok(())
}
