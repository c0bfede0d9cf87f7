//! Stalls and the locks of their shelves.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Language, TenantId};

use crate::Stall;

pub(crate) async fn of_tenants(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<Stall>, sqlx::Error> {
    let ids: Vec<_> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_as!(
        Stall,
        r#"select tenant_id as "tenant_id: TenantId", name, language as "language: Language", about
         from stalls
         where tenant_id = any($1)
         limit $2"#,
        &ids,
        i64::try_from(ids.len()).unwrap_or(i64::MAX),
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn put(
    connection: &mut PgConnection,
    stall: &Stall,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stalls (tenant_id, name, language, about, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $5)
         on conflict (tenant_id) do update
         set name = excluded.name, language = excluded.language, about = excluded.about, updated_at = excluded.updated_at",
        stall.tenant_id.uuid(),
        stall.name,
        stall.language.code(),
        stall.about,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a vendor's shelf until the transaction ends: who counts what is on it, counts alone.
pub(crate) async fn lock_shelf(connection: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into shelves (tenant_id) values ($1) on conflict (tenant_id) do update set tenant_id = excluded.tenant_id",
        tenant.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
