//! Intents.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{GuestId, IntentId, OrderId, PaymentMethodId, TenantId, TopUpId, VisitId};
use uuid::Uuid;

use super::subjects::Columns;
use crate::intent::{Ask, By, Card, Intent, IntentState};
use crate::subject::SubjectId;

/// A subject has few intents: an order one for each time it grew.
const OF_SUBJECT_MAX: i64 = 200;

/// An intent as a row.
pub(super) struct Row {
    pub tenant: TenantId,
    pub id: IntentId,
    pub order: Option<OrderId>,
    pub order_number: Option<String>,
    pub visit: Option<VisitId>,
    pub guest: Option<GuestId>,
    pub stall_name: Option<String>,
    pub top_up: Option<TopUpId>,
    pub top_up_number: Option<String>,
    pub payee: Option<String>,
    pub amount_minor: i64,
    pub state: IntentState,
    pub gateway: Option<String>,
    pub charged: Option<PaymentMethodId>,
    pub keep_method: bool,
    pub asked_at: Option<DateTime<Utc>>,
    pub pending_payment: Option<String>,
    pub method: Option<String>,
    pub confirmed_by: Option<By>,
    pub received_client_id: Option<Uuid>,
    pub expires_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Intent {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let subject = Columns {
            order: row.order,
            order_number: row.order_number,
            visit: row.visit,
            guest: row.guest,
            stall_name: row.stall_name,
            top_up: row.top_up,
            top_up_number: row.top_up_number,
            payee: row.payee,
        };
        Ok(Self {
            tenant: row.tenant,
            id: row.id,
            subject: subject.try_into()?,
            amount_minor: row.amount_minor,
            state: row.state,
            gateway: row.gateway,
            card: Card { charged: row.charged, is_kept: row.keep_method },
            asked_at: row.asked_at,
            pending_payment: row.pending_payment,
            method: row.method,
            confirmed_by: row.confirmed_by,
            received_client_id: row.received_client_id,
            expires_at: row.expires_at,
            created_at: row.created_at,
        })
    }
}

/// `select` of [`Row`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select tenant_id as "tenant: TenantId", id as "id: IntentId", order_id as "order: OrderId", order_number,
                 visit_id as "visit: VisitId", guest_id as "guest: GuestId", stall_name, top_up_id as "top_up: TopUpId",
                 top_up_number, payee, amount_minor, state as "state: IntentState", gateway,
                 method_id as "charged: PaymentMethodId", keep_method, asked_at, pending_payment,
                 method, confirmed_by as "confirmed_by: By", received_client_id, expires_at, created_at
             from payment_intents "# + $tail,
            $($argument),*
        )
    };
}

/// Locks the intents of an order or a top-up, oldest first.
pub(crate) async fn lock_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    subject: SubjectId,
) -> Result<Vec<Intent>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and (order_id = $2 or top_up_id = $3)
         order by id
         limit $4
         for update",
        tenant.uuid(),
        subject.order().map(OrderId::uuid),
        subject.top_up().map(TopUpId::uuid),
        OF_SUBJECT_MAX,
    );
    rows.fetch_all(connection).await?.into_iter().map(Intent::try_from).collect()
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    intent: IntentId,
) -> Result<Option<Intent>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and id = $2", tenant.uuid(), intent.uuid());
    row.fetch_optional(connection).await?.map(Intent::try_from).transpose()
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: IntentId,
    ask: Ask,
    state: IntentState,
    gateway: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let subject = Columns::from(ask.subject);
    sqlx::query!(
        "insert into payment_intents
             (tenant_id, id, order_id, order_number, visit_id, guest_id, stall_name, top_up_id, top_up_number, payee,
              amount_minor, state, gateway, method_id, keep_method, expires_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)",
        ask.tenant.uuid(),
        id.uuid(),
        subject.order.map(OrderId::uuid),
        subject.order_number,
        subject.visit.map(VisitId::uuid),
        subject.guest.map(GuestId::uuid),
        subject.stall_name,
        subject.top_up.map(TopUpId::uuid),
        subject.top_up_number,
        subject.payee,
        ask.amount.minor(),
        state as IntentState,
        gateway,
        ask.card.charged.map(PaymentMethodId::uuid),
        ask.card.is_kept,
        ask.expires_at,
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
