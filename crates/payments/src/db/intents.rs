//! Intents.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{GuestId, IntentId, OrderId, TenantId, VisitId};
use uuid::Uuid;

use crate::intent::{By, Intent, IntentState, NewIntent};
use crate::upi::UpiId;
use crate::view::Shown;

/// An order has few intents: one for each time it grew.
const OF_ORDER_MAX: i64 = 200;

/// Locks the intents of an order, oldest first.
pub(crate) async fn lock_of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<Intent>, sqlx::Error> {
    sqlx::query_as!(
        Intent,
        r#"select tenant_id as "tenant: TenantId", id as "id: IntentId", order_id as "order: OrderId", order_number,
             visit_id as "visit: VisitId", guest_id as "guest: GuestId", stall_name, amount_minor,
             state as "state: IntentState", gateway, asked_at, pending_payment, method,
             confirmed_by as "confirmed_by: By", received_client_id, expires_at, created_at
         from payment_intents
         where tenant_id = $1 and order_id = $2
         order by id
         limit $3
         for update"#,
        tenant.uuid(),
        order.uuid(),
        OF_ORDER_MAX,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    intent: IntentId,
) -> Result<Option<Intent>, sqlx::Error> {
    sqlx::query_as!(
        Intent,
        r#"select tenant_id as "tenant: TenantId", id as "id: IntentId", order_id as "order: OrderId", order_number,
             visit_id as "visit: VisitId", guest_id as "guest: GuestId", stall_name, amount_minor,
             state as "state: IntentState", gateway, asked_at, pending_payment, method,
             confirmed_by as "confirmed_by: By", received_client_id, expires_at, created_at
         from payment_intents
         where tenant_id = $1 and id = $2"#,
        tenant.uuid(),
        intent.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: IntentId,
    new: &NewIntent,
    state: IntentState,
    gateway: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into payment_intents
             (tenant_id, id, order_id, order_number, visit_id, guest_id, stall_name, amount_minor, state, gateway,
              expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        new.tenant.uuid(),
        id.uuid(),
        new.order.uuid(),
        new.order_number,
        new.visit.uuid(),
        new.guest.uuid(),
        new.stall_name,
        new.amount.minor(),
        state as IntentState,
        gateway,
        new.expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves an intent on; what waits at its gateway is written along.
pub(crate) async fn set_state(
    connection: &mut PgConnection,
    intent: &Intent,
    state: IntentState,
    pending_payment: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_intents
         set state = $3, pending_payment = $4, updated_at = $5
         where tenant_id = $1 and id = $2",
        intent.tenant.uuid(),
        intent.id.uuid(),
        state as IntentState,
        pending_payment,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How an intent was paid.
pub(crate) struct Paid<'a> {
    pub by: By,
    pub method: &'a str,
    pub reference: Option<&'a str>,
    pub client_id: Option<Uuid>,
    pub at: DateTime<Utc>,
}

pub(crate) async fn set_paid(
    connection: &mut PgConnection,
    intent: &Intent,
    paid: &Paid<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_intents
         set state = 'paid', confirmed_by = $3, method = $4, reference = $5, received_client_id = $6,
             pending_payment = null, paid_at = $7, updated_at = $7
         where tenant_id = $1 and id = $2",
        intent.tenant.uuid(),
        intent.id.uuid(),
        paid.by as By,
        paid.method,
        paid.reference,
        paid.client_id,
        paid.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that an order may exist at the gateway from now on.
pub(crate) async fn set_asked(
    connection: &mut PgConnection,
    intent: &Intent,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_intents set asked_at = $3 where tenant_id = $1 and id = $2 and asked_at is null",
        intent.tenant.uuid(),
        intent.id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes why the gateway offers less than it could.
pub(crate) async fn set_gateway_note(
    connection: &mut PgConnection,
    intent: &Intent,
    note: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_intents set gateway_note = $3 where tenant_id = $1 and id = $2",
        intent.tenant.uuid(),
        intent.id.uuid(),
        note,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The intent of an order that counts, with what its ways to pay are made of: the paid one, else the one that waits, else
/// the newest.
pub(crate) async fn shown(
    connection: &mut PgConnection,
    tenants: &[TenantId],
    order: OrderId,
) -> Result<Option<Shown>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let row = sqlx::query!(
        r#"select i.tenant_id as "tenant: TenantId", i.id as "id: IntentId", i.order_number, i.visit_id as "visit: VisitId",
             i.guest_id as "guest: GuestId", i.stall_name, i.amount_minor, i.state as "state: IntentState", i.gateway,
             i.asked_at, i.pending_payment, i.method, i.confirmed_by as "confirmed_by: By", i.received_client_id,
             i.expires_at, i.created_at, i.reference, i.paid_at, o.gateway_order_id as "gateway_order?",
             q.image_content as "qr_content?", q.closes_at as "qr_closes_at?", p.upi_id as "upi_id?",
             coalesce(p.cash, true) as "cash!"
         from payment_intents i
         left join gateway_orders o on o.tenant_id = i.tenant_id and o.intent_id = i.id
         left join gateway_qr_codes q on q.tenant_id = i.tenant_id and q.intent_id = i.id and q.closed_at is null
         left join payment_profiles p on p.tenant_id = i.tenant_id
         where i.tenant_id = any($1) and i.order_id = $2
         order by case when i.state in ('paid', 'refunded') then 0 when i.state in ('replaced', 'expired') then 2 else 1 end,
             i.id desc
         limit 1"#,
        &tenants,
        order.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Shown {
        intent: Intent {
            tenant: row.tenant,
            id: row.id,
            order,
            order_number: row.order_number,
            visit: row.visit,
            guest: row.guest,
            stall_name: row.stall_name,
            amount_minor: row.amount_minor,
            state: row.state,
            gateway: row.gateway,
            asked_at: row.asked_at,
            pending_payment: row.pending_payment,
            method: row.method,
            confirmed_by: row.confirmed_by,
            received_client_id: row.received_client_id,
            expires_at: row.expires_at,
            created_at: row.created_at,
        },
        reference: row.reference,
        paid_at: row.paid_at,
        gateway_order: row.gateway_order,
        qr_content: row.qr_content,
        qr_closes_at: row.qr_closes_at,
        upi_id: row.upi_id.and_then(|text| text.parse::<UpiId>().ok()),
        cash: row.cash,
    }))
}
