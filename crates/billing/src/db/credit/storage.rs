//! What was kept for businesses, day by day.

use chrono::{DateTime, NaiveDate, Utc};
use platform::kept::{Kept, Kind};
use sqlx::PgConnection;
use types::{TenantId, UsageId};
use uuid::Uuid;

use crate::credit::{KeptOn, Stored};

/// The last day that was counted of everybody.
pub(crate) async fn last_counted(connection: &mut PgConnection) -> Result<Option<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!("select day from credit_storage_counts order by day desc limit 1")
        .fetch_optional(connection)
        .await
}

/// Notes that a day was counted of everybody.
pub(crate) async fn set_counted(
    connection: &mut PgConnection,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_storage_counts (day, counted_at) values ($1, $2) on conflict (day) do nothing",
        day,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes what of a kind was kept over the end of a day, with an id for each day that is new.
pub(crate) async fn note(
    connection: &mut PgConnection,
    (day, kind): (NaiveDate, Kind),
    kept: &[(Uuid, Kept)],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (tenants, ids, bytes) = columns(kept);
    sqlx::query!(
        "insert into credit_stored_days as stored
             (tenant_id, day, id, recordings_bytes, papers_bytes, state, created_at)
         select tenant, $1, id, case when $6 then bytes else 0 end, case when $6 then 0 else bytes end, 'counted', $5
         from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as kept (tenant, id, bytes)
         on conflict (tenant_id, day) do update
         set recordings_bytes = case when $6 then excluded.recordings_bytes else stored.recordings_bytes end,
             papers_bytes = case when $6 then stored.papers_bytes else excluded.papers_bytes end
         where stored.state = 'counted'",
        day,
        &tenants,
        &ids,
        &bytes,
        now,
        kind == Kind::Recordings,
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn columns(kept: &[(Uuid, Kept)]) -> (Vec<Uuid>, Vec<Uuid>, Vec<i64>) {
    let tenants = kept.iter().map(|(_, kept)| kept.tenant.uuid()).collect();
    let ids = kept.iter().map(|(id, _)| *id).collect();
    (tenants, ids, kept.iter().map(|(_, kept)| kept.bytes).collect())
}

/// Businesses after this one for which a day waits to be charged, and whether an older one does, too.
pub(crate) async fn waiting_of_day(
    connection: &mut PgConnection,
    day: NaiveDate,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<(TenantId, bool)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select stored.tenant_id as "tenant: TenantId",
             exists (
                 select 1 from credit_stored_days as older
                 where older.tenant_id = stored.tenant_id and older.day < $1 and older.state = 'counted'
             ) as "older!"
         from credit_stored_days as stored
         where stored.day = $1 and stored.state = 'counted' and ($2::uuid is null or stored.tenant_id > $2)
         order by stored.tenant_id
         limit $3"#,
        day,
        after.map(TenantId::uuid),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.older)).collect())
}

/// The oldest day of a business that waits to be charged.
pub(crate) async fn oldest_waiting(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, day, recordings_bytes, papers_bytes
         from credit_stored_days
         where tenant_id = $1 and state = 'counted'
         order by day
         limit 1",
        tenant.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let (recordings_bytes, papers_bytes) = (row.recordings_bytes, row.papers_bytes);
        Stored { id: row.id, kept: KeptOn { day: row.day, recordings_bytes, papers_bytes } }
    }))
}

/// A day that waits to be charged, locked.
pub(crate) async fn lock_waiting(
    connection: &mut PgConnection,
    tenant: TenantId,
    day: NaiveDate,
) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query!(
        "select id, day, recordings_bytes, papers_bytes
         from credit_stored_days
         where tenant_id = $1 and day = $2 and state = 'counted'
         for update",
        tenant.uuid(),
        day,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let (recordings_bytes, papers_bytes) = (row.recordings_bytes, row.papers_bytes);
        Stored { id: row.id, kept: KeptOn { day: row.day, recordings_bytes, papers_bytes } }
    }))
}

pub(crate) async fn set_charged(
    connection: &mut PgConnection,
    (tenant, day): (TenantId, NaiveDate),
    usage: UsageId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_stored_days set state = 'charged', usage_id = $3, settled_at = $4 where tenant_id = $1 and day = $2",
        tenant.uuid(),
        day,
        usage.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a day is charged no more.
pub(crate) async fn waive(
    connection: &mut PgConnection,
    tenant: TenantId,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_stored_days set state = 'waived', settled_at = $3 where tenant_id = $1 and day = $2",
        tenant.uuid(),
        day,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
