//! How long vendors' money is held back.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

/// A stall's own term in days; none where everybody's counts.
pub(crate) async fn hold_days(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<i16>, sqlx::Error> {
    let newest = sqlx::query_scalar!(
        "select hold_days from payout_terms where tenant_id = $1 order by id desc limit 1",
        tenant.uuid(),
    );
    Ok(newest.fetch_optional(connection).await?.flatten())
}

/// The own terms of several stalls; those that have none are left out.
pub(crate) async fn of_tenants(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<(TenantId, i16)>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = sqlx::query!(
        r#"select distinct on (tenant_id) tenant_id as "tenant: TenantId", hold_days
         from payout_terms
         where tenant_id = any($1)
         order by tenant_id, id desc"#,
        &tenants,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.tenant, row.hold_days?))).collect())
}

/// A term to be written.
pub(crate) struct New<'a> {
    pub tenant: TenantId,
    pub id: Uuid,
    pub hold_days: Option<i16>,
    pub reason: &'a str,
    pub person: PersonId,
    pub now: DateTime<Utc>,
}

pub(crate) async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into payout_terms (tenant_id, id, hold_days, reason, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        new.tenant.uuid(),
        new.id,
        new.hold_days,
        new.reason,
        new.person.uuid(),
        new.now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
