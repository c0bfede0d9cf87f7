//! What refused work wanted.

use chrono::{DateTime, Utc};
use platform::meter::Measure;
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

/// Kinds of work are few: a page of tenants has no more wants.
const ROWS_MAX: i64 = 2_000;

/// The least that refused work of a kind wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want {
    pub tenant: TenantId,
    pub measure: Measure,
    pub wanted_minor: i64,
}

/// Notes what refused work wanted: the least counts, and one from before `stale` counts no more.
pub(crate) async fn note(
    connection: &mut PgConnection,
    want: &Want,
    now: DateTime<Utc>,
    stale: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_wants (tenant_id, measure, wanted_minor, since)
         values ($1, $2, $3, $4)
         on conflict (tenant_id, measure) do update
         set wanted_minor = case when credit_wants.since < $5 then excluded.wanted_minor
                 else least(credit_wants.wanted_minor, excluded.wanted_minor) end,
             since = case when credit_wants.since < $5 then excluded.since else credit_wants.since end",
        want.tenant.uuid(),
        want.measure as Measure,
        want.wanted_minor,
        now,
        stale,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What refused work of these tenants wanted, where it was noted after `stale`.
pub(crate) async fn of(
    connection: &mut PgConnection,
    tenants: &[TenantId],
    stale: DateTime<Utc>,
) -> Result<Vec<Want>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_as!(
        Want,
        r#"select tenant_id as "tenant: TenantId", measure as "measure: Measure", wanted_minor
         from credit_wants
         where tenant_id = any($1) and since >= $2
         limit $3"#,
        &tenants,
        stale,
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Forgets what a tenant's work wanted: it is tried again.
pub(crate) async fn forget(connection: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from credit_wants where tenant_id = $1", tenant.uuid()).execute(connection).await?;
    Ok(())
}
