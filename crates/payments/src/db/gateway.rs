//! What exists at the gateway for an intent.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{IntentId, TenantId};

use crate::gateway::{Order, QrCode};
use crate::intent::Intent;

/// What exists at the gateway for one intent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AtGateway {
    /// Which gateway; none where there is none.
    pub gateway: Option<String>,
    pub order: Option<String>,
    pub qr_code: Option<String>,
    pub qr_closed: bool,
}

pub(crate) async fn of_intent(
    connection: &mut PgConnection,
    tenant: TenantId,
    intent: IntentId,
) -> Result<AtGateway, sqlx::Error> {
    let row = sqlx::query!(
        r#"select
             (select gateway from payment_intents where tenant_id = $1 and id = $2) as gateway,
             (select gateway_order_id from gateway_orders where tenant_id = $1 and intent_id = $2) as gateway_order,
             (select gateway_qr_id from gateway_qr_codes where tenant_id = $1 and intent_id = $2) as qr_code,
             (select closed_at from gateway_qr_codes where tenant_id = $1 and intent_id = $2) as qr_closed_at"#,
        tenant.uuid(),
        intent.uuid(),
    )
    .fetch_one(connection)
    .await?;
    Ok(AtGateway {
        gateway: row.gateway,
        order: row.gateway_order,
        qr_code: row.qr_code,
        qr_closed: row.qr_closed_at.is_some(),
    })
}

/// Keeps an intent's order at the gateway; one that is there stays.
pub(crate) async fn insert_order(
    connection: &mut PgConnection,
    intent: &Intent,
    gateway: &str,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into gateway_orders (gateway, gateway_order_id, page_url, tenant_id, intent_id, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        gateway,
        order.id,
        order.page,
        intent.tenant.uuid(),
        intent.id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps an intent's QR code; one that is there stays, and the other is never shown to anybody.
pub(crate) async fn insert_qr_code(
    connection: &mut PgConnection,
    intent: &Intent,
    gateway: &str,
    qr: &QrCode,
    content: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into gateway_qr_codes
             (gateway, gateway_qr_id, tenant_id, intent_id, image_content, closes_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict do nothing",
        gateway,
        qr.id,
        intent.tenant.uuid(),
        intent.id.uuid(),
        content,
        qr.closes_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn set_qr_closed(
    connection: &mut PgConnection,
    gateway: &str,
    gateway_qr: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update gateway_qr_codes set closed_at = $3 where gateway = $1 and gateway_qr_id = $2",
        gateway,
        gateway_qr,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The intent that an order or a QR code at a gateway was made for.
pub(crate) async fn intent_of(
    connection: &mut PgConnection,
    gateway: &str,
    gateway_order: Option<&str>,
    gateway_qr: Option<&str>,
) -> Result<Option<(TenantId, IntentId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", intent_id as "intent!: IntentId"
         from gateway_orders
         where gateway = $1 and gateway_order_id = $2
         union all
         select tenant_id, intent_id
         from gateway_qr_codes
         where gateway = $1 and gateway_qr_id = $3
         limit 1"#,
        gateway,
        gateway_order,
        gateway_qr,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.tenant, row.intent)))
}
