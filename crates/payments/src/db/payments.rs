//! Money that came.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use types::{IntentId, OrderId, PaymentId, TenantId, TopUpId};
use uuid::Uuid;

use super::subjects;
use crate::commission::CommissionPart;
use crate::ids::CommissionRuleId;
use crate::intent::Intent;
use crate::subject::SubjectId;
use crate::tcs::{Collected, Due, Share};

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
    /// What of it goes back or went, and how much of the commission with it.
    pub refunded_minor: i64,
    pub commission_back_minor: i64,
    /// The tax collected of it at source.
    pub tcs: Collected,
}

impl Payment {
    /// What can still be given back, in paise.
    pub(crate) const fn left_minor(&self) -> i64 {
        self.amount_minor - self.refunded_minor
    }

    /// The commission that goes back with the next so many paise: in all, the commission's part of what goes back, rounded down, so
    /// that it is whole once everything is back.
    pub(crate) fn commission_share(&self, amount_minor: i64) -> i64 {
        let back = i128::from(self.refunded_minor) + i128::from(amount_minor);
        let whole = i128::from(self.commission_minor) * back / i128::from(self.amount_minor);
        // A dispute that was won leaves what went back after it a paisa ahead at most.
        (i64::try_from(whole).unwrap_or(self.commission_minor) - self.commission_back_minor).max(0)
    }

    /// The tax collected at source that goes back with a refund of so many paise.
    pub(crate) fn tcs_share(&self, amount_minor: i64) -> Share {
        self.tcs.share(self.amount_minor, amount_minor)
    }
}

/// A payment to be stored.
pub(crate) struct New<'a> {
    pub id: PaymentId,
    /// The gateway and what it calls the payment.
    pub gateway: Option<(&'a str, &'a str)>,
    pub role: Role,
    pub amount_minor: i64,
    pub commission_minor: i64,
    /// By which rule it is taken.
    pub commission_rule: Option<CommissionRuleId>,
    /// The tax that is collected of it at source.
    pub tcs: Option<&'a Due>,
    /// Until when the vendor's share is held back.
    pub held_until: Option<DateTime<Utc>>,
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
    refunded_minor: i64,
    commission_back_minor: i64,
    is_inter_state: bool,
    taxable_minor: i64,
    tcs_minor: i64,
    tcs_back_minor: i64,
    returned_minor: i64,
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
            refunded_minor: row.refunded_minor,
            commission_back_minor: row.commission_back_minor,
            tcs: Collected {
                is_inter_state: row.is_inter_state,
                taxable_minor: row.taxable_minor,
                minor: row.tcs_minor,
                back_minor: row.tcs_back_minor,
                returned_minor: row.returned_minor,
            },
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
                 role as "role: Role", amount_minor, commission_minor, refunded_minor, commission_back_minor,
                 tcs_inter_state as is_inter_state, tcs_taxable_minor as taxable_minor, tcs_minor, tcs_back_minor, returned_minor
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
    let supply = new.tcs.map(|due| &due.supply);
    let collected = new.tcs.map(Collected::from).unwrap_or_default();
    let inserted = sqlx::query!(
        "insert into payments
             (tenant_id, id, intent_id, order_id, top_up_id, gateway, gateway_payment_id, role, amount_minor,
              commission_minor, method, reference, created_at, commission_rule_id, held_until, tcs_rate_id, tcs_gstin,
              tcs_place, tcs_to_registered, tcs_inter_state, tcs_taxable_minor, tcs_minor)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
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
        new.commission_rule.map(CommissionRuleId::uuid),
        new.held_until,
        new.tcs.map(|due| due.rate.uuid()),
        supply.map(|supply| &supply.gstin),
        supply.map(|supply| &supply.place),
        supply.map(|supply| supply.to_registered),
        collected.is_inter_state,
        collected.taxable_minor,
        collected.minor,
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

/// The payment of whichever stall that a gateway, by its name, knows under an id.
pub(crate) async fn at_gateway(
    connection: &mut PgConnection,
    (gateway, id): (&str, &str),
) -> Result<Option<Payment>, sqlx::Error> {
    find!(connection, "where gateway = $1 and gateway_payment_id = $2", gateway, id)
}

/// What the wallet says of a payment, a refund or a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// Of the payment, the refund or the dispute.
    pub id: Uuid,
    pub order_number: Option<String>,
    pub amount_minor: i64,
    pub commission_minor: i64,
    pub tcs_minor: i64,
    /// Whether the money went through the gateway, and so through the wallet.
    pub by_gateway: bool,
    /// By which rule the commission was taken; none where it was the configured percentage.
    pub commission_parts: Option<Json<Vec<CommissionPart>>>,
}

/// What the wallet says of these payments, refunds and disputes.
pub(crate) async fn facts(
    connection: &mut PgConnection,
    tenant: TenantId,
    ids: &[Uuid],
) -> Result<Vec<Fact>, sqlx::Error> {
    sqlx::query_as!(
        Fact,
        r#"select moved.id as "id!", i.order_number, moved.amount_minor as "amount_minor!",
             moved.commission_minor as "commission_minor!", moved.tcs_minor as "tcs_minor!", moved.by_gateway as "by_gateway!",
             rule.parts as "commission_parts?: Json<Vec<CommissionPart>>"
         from (
             select p.id, p.intent_id, p.amount_minor, p.commission_minor, p.tcs_minor, p.gateway is not null as by_gateway,
               p.commission_rule_id
             from payments p
             where p.tenant_id = $1 and p.id = any($2)
             union all
             select r.id, p.intent_id, r.amount_minor, r.commission_minor, r.tcs_minor, p.gateway is not null, null
             from refunds r
             join payments p on p.tenant_id = r.tenant_id and p.id = r.payment_id
             where r.tenant_id = $1 and r.id = any($2)
             union all
             select d.id, p.intent_id, d.held_minor, d.commission_minor, 0, true, null
             from disputes d
             join payments p on p.tenant_id = d.tenant_id and p.id = d.payment_id
             where d.tenant_id = $1 and d.id = any($2)
         ) as moved
         join payment_intents i on i.tenant_id = $1 and i.id = moved.intent_id
         left join commission_rules rule on rule.id = moved.commission_rule_id
         limit 200"#,
        tenant.uuid(),
        ids,
    )
    .fetch_all(connection)
    .await
}
