//! Pages on which cards are kept.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

use crate::keeping::KeepingPage;

/// Writes a page that is to be made; false where it was asked for before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
    gateway: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into keeping_pages (tenant_id, id, gateway, created_at)
         values ($1, $2, $3, $4)
         on conflict do nothing",
        tenant.uuid(),
        id,
        gateway,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<KeepingPage>, sqlx::Error> {
    sqlx::query_as!(
        KeepingPage,
        r#"select id, page_url as url, failed_at is not null as "failed!", gateway, created_at
         from keeping_pages
         where tenant_id = $1 and id = $2"#,
        tenant.uuid(),
        id,
    )
    .fetch_optional(connection)
    .await
}

/// How many a vendor asked for since a moment.
pub(crate) async fn count_since(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from keeping_pages where tenant_id = $1 and created_at > $2"#,
        tenant.uuid(),
        since,
    )
    .fetch_one(connection)
    .await
}

/// Notes where a page is.
pub(crate) async fn set_made(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
    url: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update keeping_pages set page_url = $3 where tenant_id = $1 and id = $2 and failed_at is null",
        tenant.uuid(),
        id,
        url,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that there will be no page.
pub(crate) async fn set_failed(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update keeping_pages set failed_at = $3 where tenant_id = $1 and id = $2 and page_url is null",
        tenant.uuid(),
        id,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
