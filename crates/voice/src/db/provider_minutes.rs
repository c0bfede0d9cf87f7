//! How calls to providers went.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use types::ProviderKeyId;

use crate::providers::Minute;

/// How long it is known how calls went.
const KNOWN_FOR: TimeDelta = TimeDelta::days(2);

/// How calls by a key went: counted since a moment, and the last ones within two days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Health {
    pub done: i64,
    pub failed: i64,
    pub time_ms: i64,
    pub slowest_ms: i64,
    pub done_at: Option<DateTime<Utc>>,
    pub failed_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
}

/// Adds what a node counted in a minute.
pub(crate) async fn add(
    connection: &mut PgConnection,
    key: ProviderKeyId,
    minute: DateTime<Utc>,
    calls: &Minute,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into provider_minutes as known (key_id, minute, done, failed, time_ms, slowest_ms, done_at, failed_at, error)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (key_id, minute) do update
         set done = known.done + excluded.done, failed = known.failed + excluded.failed,
             time_ms = known.time_ms + excluded.time_ms, slowest_ms = greatest(known.slowest_ms, excluded.slowest_ms),
             done_at = greatest(known.done_at, excluded.done_at), failed_at = greatest(known.failed_at, excluded.failed_at),
             error = coalesce(excluded.error, known.error)",
        key.uuid(),
        minute,
        calls.done,
        calls.failed,
        calls.time_ms,
        calls.slowest_ms,
        calls.done_at,
        calls.failed_at,
        calls.error,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How calls went, by key.
pub(crate) async fn health(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<HashMap<ProviderKeyId, Health>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select key_id as "key: ProviderKeyId",
             coalesce(sum(done) filter (where minute > $1), 0)::bigint as "done!",
             coalesce(sum(failed) filter (where minute > $1), 0)::bigint as "failed!",
             coalesce(sum(time_ms) filter (where minute > $1), 0)::bigint as "time_ms!",
             coalesce(max(slowest_ms) filter (where minute > $1), 0) as "slowest_ms!",
             max(done_at) as done_at, max(failed_at) as failed_at,
             (array_agg(error order by failed_at desc) filter (where error is not null))[1] as error
         from provider_minutes
         where minute > $2
         group by key_id
         limit 1000"#,
        since,
        since - KNOWN_FOR,
    )
    .fetch_all(connection)
    .await?;
    let health = rows.into_iter().map(|row| {
        let known = Health {
            done: row.done,
            failed: row.failed,
            time_ms: row.time_ms,
            slowest_ms: row.slowest_ms,
            done_at: row.done_at,
            failed_at: row.failed_at,
            error: row.error,
        };
        (row.key, known)
    });
    Ok(health.collect())
}

/// Forgets minutes that are long over; how many.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query!(
        "delete from provider_minutes
         where (key_id, minute) in (select key_id, minute from provider_minutes where minute < $1 order by minute limit $2)",
        now - KNOWN_FOR - TimeDelta::hours(2),
        limit,
    )
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}
