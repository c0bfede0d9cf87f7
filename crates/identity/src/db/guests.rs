//! Guests' passes.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{GuestId, TenantId, VisitId};

use crate::Pass;
use crate::guest::PASSES_MAX;

/// The living passes of a phone, newest first.
pub(crate) async fn recognise(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Vec<Pass>, sqlx::Error> {
    sqlx::query_as!(
        Pass,
        r#"select visit_id as "visit: VisitId", tenant_id as "tenant: TenantId", guest_id as "guest: GuestId",
             stall_name, expires_at
         from guest_passes
         where token_hash = $1 and expires_at > $2
         order by created_at desc, guest_id desc
         limit $3"#,
        token_hash.as_slice(),
        now,
        PASSES_MAX,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn admit(
    connection: &mut PgConnection,
    pass: &Pass,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into guest_passes (tenant_id, guest_id, visit_id, token_hash, stall_name, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        pass.tenant.uuid(),
        pass.guest.uuid(),
        pass.visit.uuid(),
        token_hash.as_slice(),
        pass.stall_name,
        now,
        pass.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves a visit's living pass under another secret; gives when it ends.
pub(crate) async fn admit_again(
    connection: &mut PgConnection,
    (tenant, visit): (TenantId, VisitId),
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "update guest_passes
         set token_hash = $3
         where tenant_id = $1 and visit_id = $2 and expires_at > $4
         returning expires_at",
        tenant.uuid(),
        visit.uuid(),
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Which of these guests still have a living pass.
pub(crate) async fn living(
    connection: &mut PgConnection,
    guests: &[(TenantId, GuestId)],
    now: DateTime<Utc>,
) -> Result<Vec<GuestId>, sqlx::Error> {
    let (tenants, ids): (Vec<_>, Vec<_>) =
        guests.iter().map(|(tenant, guest)| (tenant.uuid(), guest.uuid())).unzip();
    sqlx::query_scalar!(
        r#"select guest_passes.guest_id as "id: GuestId"
         from guest_passes
         join unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, guest_id)
             on wanted.tenant_id = guest_passes.tenant_id and wanted.guest_id = guest_passes.guest_id
         where expires_at > $3"#,
        &tenants,
        &ids,
        now,
    )
    .fetch_all(connection)
    .await
}

/// Deletes up to `limit` passes that are over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from guest_passes
         where (tenant_id, guest_id) in (
             select tenant_id, guest_id from guest_passes
             where expires_at <= $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
