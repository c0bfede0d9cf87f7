//! Whom documents of orders name as the buyer.

use billing::{CheckedRecipient, Gstin};
use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::{OrderId, TenantId};

use super::unreadable;

const LEGAL_NAME: Column = Column::of("order_recipients", "legal_name");
const ADDRESS: Column = Column::of("order_recipients", "address");
const CITY: Column = Column::of("order_recipients", "city");
const PIN: Column = Column::of("order_recipients", "pin");

/// The key of a row.
fn row(tenant: TenantId, order: OrderId) -> String {
    format!("{tenant}/{order}")
}

pub(crate) async fn of_order(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    order: OrderId,
) -> Result<Option<CheckedRecipient>, sqlx::Error> {
    let found = sqlx::query!(
        "select gstin, legal_name_sealed, address_sealed, city_sealed, pin_sealed, state_code
         from order_recipients
         where tenant_id = $1 and order_id = $2",
        tenant.uuid(),
        order.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(found) = found else { return Ok(None) };
    let row = row(tenant, order);
    let open = |column, sealed: Option<Vec<u8>>| -> Result<String, sqlx::Error> {
        fields
            .read(column, &row, sealed.as_deref())?
            .ok_or_else(|| unreadable("a recipient is not sealed yet"))
    };
    Ok(Some(CheckedRecipient {
        gstin: found.gstin.map(|gstin| gstin.parse()).transpose().map_err(unreadable)?,
        legal_name: open(LEGAL_NAME, found.legal_name_sealed)?,
        address: open(ADDRESS, found.address_sealed)?,
        city: open(CITY, found.city_sealed)?,
        pin: open(PIN, found.pin_sealed)?.parse().map_err(unreadable)?,
        state: found.state_code.parse().map_err(unreadable)?,
    }))
}

/// Names somebody, instead of whoever was named before. The caller holds the order's lock.
pub(crate) async fn put(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    order: OrderId,
    recipient: &CheckedRecipient,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let row = row(tenant, order);
    sqlx::query!(
        "insert into order_recipients
             (tenant_id, order_id, gstin, legal_name_sealed, address_sealed, city_sealed, pin_sealed, state_code, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id, order_id) do update
         set gstin = excluded.gstin, legal_name_sealed = excluded.legal_name_sealed, address_sealed = excluded.address_sealed,
             city_sealed = excluded.city_sealed, pin_sealed = excluded.pin_sealed, state_code = excluded.state_code,
             updated_at = excluded.updated_at",
        tenant.uuid(),
        order.uuid(),
        recipient.gstin.as_ref().map(Gstin::as_str),
        fields.seal(LEGAL_NAME, &row, &recipient.legal_name),
        fields.seal(ADDRESS, &row, &recipient.address),
        fields.seal(CITY, &row, &recipient.city),
        fields.seal(PIN, &row, String::from(recipient.pin)),
        recipient.state.code(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Names nobody. The caller holds the order's lock.
pub(crate) async fn delete(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from order_recipients
         where tenant_id = $1 and order_id = $2",
        tenant.uuid(),
        order.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
