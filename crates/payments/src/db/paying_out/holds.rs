//! What is held of vendors' money.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Money, TenantId};
use uuid::Uuid;

use crate::payout::Release;

/// Hours in which holds end: more than the longest hold has.
const ENDS_MAX: i64 = 2_500;

/// What is held of a vendor's money at a moment, by the hour of its release, the next first: the vendor's share of each sale, less what
/// of it went back, or is disputed.
pub(crate) async fn of_tenant(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<Vec<Release>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select max(held_until) as "at!",
             sum(amount_minor - refunded_minor - (commission_minor - commission_back_minor)
               - (tcs_minor - tcs_back_minor))::bigint as "minor!"
         from payments
         where tenant_id = $1 and held_until > $2 and refunded_minor < amount_minor
         group by date_trunc('hour', held_until)
         order by 1
         limit $3"#,
        tenant.uuid(),
        now,
        ENDS_MAX,
    )
    .fetch_all(connection)
    .await?;
    let release = |at, minor| Release { at, amount: Money::inr(minor) };
    Ok(rows.into_iter().map(|row| release(row.at, row.minor)).collect())
}

/// What is held of several vendors' money at a moment; who has nothing held is left out.
pub(crate) async fn of_tenants(
    connection: &mut PgConnection,
    tenants: &[TenantId],
    now: DateTime<Utc>,
) -> Result<Vec<(TenantId, i64)>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant: TenantId",
             sum(amount_minor - refunded_minor - (commission_minor - commission_back_minor)
               - (tcs_minor - tcs_back_minor))::bigint as "minor!"
         from payments
         where tenant_id = any($1) and held_until > $2
         group by tenant_id"#,
        &tenants,
        now,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.minor)).collect())
}
