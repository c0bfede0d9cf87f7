//! How vendors are paid.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::TenantId;

use crate::upi::UpiId;

/// The UPI id and whether cash is taken; none where the vendor never said.
pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<(Option<UpiId>, bool)>, sqlx::Error> {
    let row = sqlx::query!("select upi_id, cash from payment_profiles where tenant_id = $1", tenant.uuid())
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| (row.upi_id.and_then(|text| text.parse().ok()), row.cash)))
}

pub(crate) async fn put(
    connection: &mut PgConnection,
    tenant: TenantId,
    upi_id: Option<&UpiId>,
    cash: bool,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into payment_profiles (tenant_id, upi_id, cash, updated_at)
         values ($1, $2, $3, $4)
         on conflict (tenant_id) do update set upi_id = $2, cash = $3, updated_at = $4",
        tenant.uuid(),
        upi_id.map(UpiId::as_str),
        cash,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
