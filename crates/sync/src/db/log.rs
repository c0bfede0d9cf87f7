//! The log: heads and events.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

use crate::Subscriber;

/// Events of one subscriber that one look takes.
const EVENTS_PER_SUBSCRIBER: i64 = 100;
/// Events that one look takes in all.
pub(crate) const EVENTS_PER_LOOK: i64 = 400;

/// What one subscriber's log gets from a transaction.
#[derive(Debug)]
pub(crate) struct Batch {
    pub subscriber: Subscriber,
    /// Its events' JSON, in order.
    pub payloads: Vec<Value>,
    /// The epoch of a log that begins with them.
    pub epoch: Uuid,
}

/// Where a subscriber's log stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub epoch: Uuid,
    pub seq: i64,
    /// Whether the log still holds the event that follows the number asked about.
    pub reaches: bool,
}

/// An event as the log keeps it.
#[derive(Debug)]
pub(crate) struct Row {
    pub subscriber: Subscriber,
    /// After which number it was asked for.
    pub after: i64,
    pub seq: i64,
    /// The JSON of an [`crate::Event`].
    pub payload: String,
}

/// Appends to several logs; gives each log's last number. One statement; the heads stay locked until the commit.
pub(crate) async fn append(
    connection: &mut PgConnection,
    batches: &[Batch],
    now: DateTime<Utc>,
) -> Result<Vec<(Subscriber, i64)>, sqlx::Error> {
    let mut heads = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut events = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Batch { subscriber, payloads, epoch } in batches {
        let (tenant, key) = (subscriber.tenant().uuid(), subscriber.key());
        heads.0.push(tenant);
        heads.1.push(key);
        heads.2.push(i64::try_from(payloads.len()).unwrap_or(i64::MAX));
        heads.3.push(*epoch);
        for (payload, before_last) in payloads.iter().zip((0..heads.2[heads.2.len() - 1]).rev()) {
            events.0.push(tenant);
            events.1.push(key);
            events.2.push(before_last);
            events.3.push(payload.clone());
        }
    }
    let rows = sqlx::query!(
        r#"with moved as (
             insert into sync_heads as head (tenant_id, subscriber_id, seq, epoch, published_at)
             select tenant_id, subscriber_id, events, epoch, $9
             from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[])
                 as wanted (tenant_id, subscriber_id, events, epoch)
             order by tenant_id, subscriber_id
             on conflict (tenant_id, subscriber_id) do update
             set seq = head.seq + excluded.seq, published_at = excluded.published_at
             returning tenant_id, subscriber_id, seq
         ), appended as (
             insert into sync_events (tenant_id, subscriber_id, seq, payload, created_at)
             select new.tenant_id, new.subscriber_id, moved.seq - new.before_last, new.payload, $9
             from unnest($5::uuid[], $6::uuid[], $7::bigint[], $8::jsonb[])
                 as new (tenant_id, subscriber_id, before_last, payload)
             join moved on moved.tenant_id = new.tenant_id and moved.subscriber_id = new.subscriber_id
         )
         select tenant_id as "tenant: TenantId", subscriber_id, seq
         from moved"#,
        &heads.0,
        &heads.1,
        &heads.2,
        &heads.3,
        &events.0,
        &events.1,
        &events.2,
        &events.3,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|r| (Subscriber::from_key(r.tenant, r.subscriber_id), r.seq)).collect())
}

/// Where the log stands, and whether it still holds what follows `after`.
pub(crate) async fn head(
    connection: &mut PgConnection,
    subscriber: Subscriber,
    after: i64,
) -> Result<Option<Head>, sqlx::Error> {
    sqlx::query_as!(
        Head,
        r#"select epoch, seq, exists (
             select from sync_events
             where tenant_id = $1 and subscriber_id = $2 and seq = $3
         ) as "reaches!"
         from sync_heads
         where tenant_id = $1 and subscriber_id = $2"#,
        subscriber.tenant().uuid(),
        subscriber.key(),
        after.saturating_add(1),
    )
    .fetch_optional(connection)
    .await
}

/// Begins an empty log where there is none.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    subscriber: Subscriber,
    epoch: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sync_heads (tenant_id, subscriber_id, seq, epoch, published_at)
         values ($1, $2, 0, $3, $4)
         on conflict (tenant_id, subscriber_id) do nothing",
        subscriber.tenant().uuid(),
        subscriber.key(),
        epoch,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The events after each subscriber's number, in order; at most [`EVENTS_PER_LOOK`], fewer of one subscriber.
pub(crate) async fn events_after(
    connection: &mut PgConnection,
    wanted: &[(Subscriber, i64)],
) -> Result<Vec<Row>, sqlx::Error> {
    let tenants: Vec<Uuid> = wanted.iter().map(|(subscriber, _)| subscriber.tenant().uuid()).collect();
    let keys: Vec<Uuid> = wanted.iter().map(|(subscriber, _)| subscriber.key()).collect();
    let afters: Vec<i64> = wanted.iter().map(|(_, after)| *after).collect();
    let rows = sqlx::query!(
        r#"select wanted.tenant_id as "tenant!: TenantId", wanted.subscriber_id as "subscriber_id!",
             wanted.after as "after!", event.seq, event.payload::text as "payload!"
         from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as wanted (tenant_id, subscriber_id, after)
         cross join lateral (
             select seq, payload
             from sync_events
             where tenant_id = wanted.tenant_id and subscriber_id = wanted.subscriber_id and seq > wanted.after
             order by seq
             limit $4
         ) as event
         order by wanted.tenant_id, wanted.subscriber_id, event.seq
         limit $5"#,
        &tenants,
        &keys,
        &afters,
        EVENTS_PER_SUBSCRIBER,
        EVENTS_PER_LOOK,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Row {
            subscriber: Subscriber::from_key(row.tenant, row.subscriber_id),
            after: row.after,
            seq: row.seq,
            payload: row.payload,
        })
        .collect())
}

/// Deletes up to `limit` events written before `before`; gives their number.
pub(crate) async fn purge_old(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from sync_events
         where (tenant_id, subscriber_id, seq) in (
             select tenant_id, subscriber_id, seq from sync_events
             where created_at < $1
             limit $2
         )",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}

/// Deletes up to `limit` events that are not among the last `kept` of their log; gives their number.
pub(crate) async fn purge_long(
    connection: &mut PgConnection,
    kept: i64,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from sync_events
         where (tenant_id, subscriber_id, seq) in (
             select event.tenant_id, event.subscriber_id, event.seq
             from sync_heads as head
             join sync_events as event
                 on event.tenant_id = head.tenant_id and event.subscriber_id = head.subscriber_id
                     and event.seq <= head.seq - $1
             where head.seq > $1
             limit $2
         )",
        kept,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}

/// Deletes up to `limit` heads of guests that nothing was told since `before`; gives their number. One of them that came
/// back would find a new epoch.
pub(crate) async fn purge_quiet(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from sync_heads
         where (tenant_id, subscriber_id) in (
             select tenant_id, subscriber_id from sync_heads
             where published_at < $1 and subscriber_id <> tenant_id
             limit $2
         )",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
