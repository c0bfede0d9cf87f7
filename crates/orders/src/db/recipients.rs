//! Whom documents of orders name as the buyer.

use billing::{CheckedRecipient, Gstin};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{OrderId, TenantId};

use super::unreadable;

pub(crate) async fn of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Option<CheckedRecipient>, sqlx::Error> {
    let row = sqlx::query!(
        "select gstin, legal_name, address, city, pin, state_code
         from order_recipients
         where tenant_id = $1 and order_id = $2",
        tenant.uuid(),
        order.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(CheckedRecipient {
        gstin: row.gstin.map(|gstin| gstin.parse()).transpose().map_err(unreadable)?,
        legal_name: row.legal_name,
        address: row.address,
        city: row.city,
        pin: row.pin.parse().map_err(unreadable)?,
        state: row.state_code.parse().map_err(unreadable)?,
    }))
}

/// Names somebody, instead of whoever was named before. The caller holds the order's lock.
pub(crate) async fn put(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
    recipient: &CheckedRecipient,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into order_recipients
             (tenant_id, order_id, gstin, legal_name, address, city, pin, state_code, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id, order_id) do update
         set gstin = excluded.gstin, legal_name = excluded.legal_name, address = excluded.address,
             city = excluded.city, pin = excluded.pin, state_code = excluded.state_code,
             updated_at = excluded.updated_at",
        tenant.uuid(),
        order.uuid(),
        recipient.gstin.as_ref().map(Gstin::as_str),
        recipient.legal_name,
        recipient.address,
        recipient.city,
        String::from(recipient.pin),
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
