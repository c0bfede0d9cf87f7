//! Money that came.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{IntentId, OrderId, PaymentId, TenantId, TopUpId};
use uuid::Uuid;

use super::subjects;
use crate::intent::Intent;
use crate::subject::SubjectId;

/// What a payment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum Role {
    /// It pays what was asked for.
    Settles,
    /// It goes back: no more is wanted.
    Surplus,
}

/// A stored payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub tenant: TenantId,
    pub id: PaymentId,
    pub intent: IntentId,
    pub subject: SubjectId,
    /// Through which gateway it came; none where the vendor took it.
    pub gateway: Option<String>,
    /// What that gateway calls it.
    pub at_gateway: Option<String>,
    pub role: Role,
    pub amount_minor: i64,
    pub commission_minor: i64,
}

/// A payment to be stored.
pub(crate) struct New<'a> {
    pub id: PaymentId,
    /// The gateway and what it calls the payment.
    pub gateway: Option<(&'a str, &'a str)>,
    pub role: Role,
    pub amount_minor: i64,
    pub commission_minor: i64,
    pub method: &'a str,
    pub reference: Option<&'a str>,
    pub at: DateTime<Utc>,
}

/// A payment as a row.
struct Row {
    tenant: TenantId,
    id: PaymentId,
    intent: IntentId,
    order: Option<OrderId>,
    top_up: Option<TopUpId>,
    gateway: Option<String>,
    at_gateway: Option<String>,
    role: Role,
    amount_minor: i64,
    commission_minor: i64,
}

impl TryFrom<Row> for Payment {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            tenant: row.tenant,
            id: row.id,
            intent: row.intent,
            subject: subjects::id_of(row.order, row.top_up)?,
            gateway: row.gateway,
            at_gateway: row.at_gateway,
            role: row.role,
            amount_minor: row.amount_minor,
            commission_minor: row.commission_minor,
        })
    }
}

/// At most one payment; what follows the table's name is the caller's.
macro_rules! find {
    ($connection:expr, $tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select tenant_id as "tenant: TenantId", id as "id: PaymentId", intent_id as "intent: IntentId",
                 order_id as "order: OrderId", top_up_id as "top_up: TopUpId", gateway, gateway_payment_id as at_gateway,
                 role as "role: Role", amount_minor, commission_minor
             from payments "# + $tail,
            $($argument),*
        )
        .fetch_optional($connection)
        .await?
        .map(Payment::try_from)
        .transpose()
    };
}

/// Stores a payment of an intent; false where the gateway's payment is known already.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    intent: &Intent,
    new: &New<'_>,
) -> Result<bool, sqlx::Error> {
    let subject = intent.subject.id();
    let inserted = sqlx::query!(
        "insert into payments
             (tenant_id, id, intent_id, order_id, top_up_id, gateway, gateway_payment_id, role, amount_minor,
              commission_minor, method, reference, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict on constraint payments_gateway_payment_once do nothing",
        intent.tenant.uuid(),
        new.id.uuid(),
        intent.id.uuid(),
        subject.order().map(OrderId::uuid),
        subject.top_up().map(TopUpId::uuid),
        new.gateway.map(|(gateway, _)| gateway),
        new.gateway.map(|(_, payment)| payment),
        new.role as Role,
        new.amount_minor,
        new.commission_minor,
        new.method,
        new.reference,
        new.at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The payment that settled an intent.
pub(crate) async fn settling(
    connection: &mut PgConnection,
    tenant: TenantId,
    intent: IntentId,
) -> Result<Option<Payment>, sqlx::Error> {
    find!(
        connection,
        "where tenant_id = $1 and intent_id = $2 and role = 'settles'",
        tenant.uuid(),
        intent.uuid()
    )
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    payment: PaymentId,
) -> Result<Option<Payment>, sqlx::Error> {
    find!(connection, "where tenant_id = $1 and id = $2", tenant.uuid(), payment.uuid())
}

/// The payment that a gateway, by its name, knows under an id.
pub(crate) async fn of_gateway(
    connection: &mut PgConnection,
    tenant: TenantId,
    (gateway, id): (&str, &str),
) -> Result<Option<Payment>, sqlx::Error> {
    find!(
        connection,
        "where tenant_id = $1 and gateway = $2 and gateway_payment_id = $3",
        tenant.uuid(),
        gateway,
        id
    )
}

/// What the wallet says of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub payment: PaymentId,
    pub order_number: Option<String>,
    pub amount_minor: i64,
    pub commission_minor: i64,
    /// Whether the money went through the gateway, and so through the wallet.
    pub by_gateway: bool,
}

/// What the wallet says of these payments.
pub(crate) async fn facts(
    connection: &mut PgConnection,
    tenant: TenantId,
    payments: &[Uuid],
) -> Result<Vec<Fact>, sqlx::Error> {
    sqlx::query_as!(
        Fact,
        r#"select p.id as "payment: PaymentId", i.order_number, p.amount_minor, p.commission_minor,
             p.gateway is not null as "by_gateway!"
         from payments p
         join payment_intents i on i.tenant_id = p.tenant_id and i.id = p.intent_id
         where p.tenant_id = $1 and p.id = any($2)
         limit 200"#,
        tenant.uuid(),
        payments,
    )
    .fetch_all(connection)
    .await
}
