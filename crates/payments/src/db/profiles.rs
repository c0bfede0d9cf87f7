//! How vendors are paid.

use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::TenantId;

use crate::upi::UpiId;

/// The UPI id of a stall, under the stall.
pub(super) const UPI_ID: Column = Column::of("payment_profiles", "upi_id");

/// The UPI id and whether cash is taken; none where the vendor never said.
pub(crate) async fn find(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
) -> Result<Option<(Option<UpiId>, bool)>, sqlx::Error> {
    let row =
        sqlx::query!("select upi_id_sealed, cash from payment_profiles where tenant_id = $1", tenant.uuid(),)
            .fetch_optional(connection)
            .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some((fields.read(UPI_ID, tenant, row.upi_id_sealed.as_deref())?, row.cash)))
}

pub(crate) async fn put(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    upi_id: Option<&UpiId>,
    cash: bool,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into payment_profiles (tenant_id, upi_id_sealed, cash, updated_at)
         values ($1, $2, $3, $4)
         on conflict (tenant_id) do update set upi_id_sealed = $2, cash = $3, updated_at = $4",
        tenant.uuid(),
        upi_id.map(|upi_id| fields.seal(UPI_ID, tenant, upi_id.as_str())),
        cash,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
