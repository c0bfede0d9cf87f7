//! Disputes.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Money, OrderId, PaymentId, PersonId, RefundId, TenantId};

use crate::db::refunds::RefundState;
use crate::dispute::{Answer, Dispute, DisputeState, Listed};
use crate::ids::DisputeId;
use crate::refund::RefundView;
use crate::tcs::Share;

/// Disputes that are looked at in one round.
const ROUND_MAX: i64 = 500;
/// Disputes of a day's payments, at most.
const DISPUTED_MAX: i64 = 100_000;

/// `select` of [`Dispute`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Dispute,
            r#"select tenant_id as "tenant: TenantId", id as "id: DisputeId", payment_id as "payment: PaymentId",
                 order_id as "order: OrderId", gateway, gateway_dispute_id as at_gateway, amount_minor, held_minor,
                 commission_minor, fee_minor, fee_booked_minor, reason, phase, state as "state: DisputeState", answer as "answer: Answer",
                 answered_by as "answered_by: PersonId", statement, note, respond_by, created_at
             from disputes "# + $tail,
            $($argument),*
        )
    };
}

/// Stores a dispute and counts what is on hold with its payment, as if it went back.
pub(crate) async fn insert(connection: &mut PgConnection, dispute: &Dispute) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with counted as (
             update payments
             set refunded_minor = refunded_minor + $8, commission_back_minor = commission_back_minor + $9
             where tenant_id = $1 and id = $3
         )
         insert into disputes
             (tenant_id, id, payment_id, order_id, gateway, gateway_dispute_id, amount_minor, held_minor,
              commission_minor, fee_minor, reason, phase, state, respond_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        dispute.tenant.uuid(),
        dispute.id.uuid(),
        dispute.payment.uuid(),
        dispute.order.map(OrderId::uuid),
        dispute.gateway,
        dispute.at_gateway,
        dispute.amount_minor,
        dispute.held_minor,
        dispute.commission_minor,
        dispute.fee_minor,
        dispute.reason,
        dispute.phase,
        dispute.state as DisputeState,
        dispute.respond_by,
        dispute.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was on hold is the payment's again.
pub(crate) async fn release(connection: &mut PgConnection, dispute: &Dispute) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payments
         set refunded_minor = refunded_minor - $3, commission_back_minor = commission_back_minor - $4
         where tenant_id = $1 and id = $2",
        dispute.tenant.uuid(),
        dispute.payment.uuid(),
        dispute.held_minor,
        dispute.commission_minor,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was on hold is the payer's, with its part of the tax collected at source: counted with the payment as a refund is.
pub(crate) async fn set_lost(
    connection: &mut PgConnection,
    dispute: &Dispute,
    tcs: Share,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with counted as (
             update payments
             set returned_minor = returned_minor + $4, tcs_back_minor = tcs_back_minor + $5
             where tenant_id = $1 and id = $3
         )
         update disputes set lost_at = $7, tcs_minor = $5, taxable_minor = $6 where tenant_id = $1 and id = $2",
        dispute.tenant.uuid(),
        dispute.id.uuid(),
        dispute.payment.uuid(),
        dispute.held_minor,
        tcs.minor,
        tcs.taxable_minor,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    dispute: DisputeId,
) -> Result<Option<Dispute>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2", tenant.uuid(), dispute.uuid())
        .fetch_optional(connection)
        .await
}

pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    dispute: DisputeId,
) -> Result<Option<Dispute>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2 for update", tenant.uuid(), dispute.uuid())
        .fetch_optional(connection)
        .await
}

/// The dispute that a gateway, by its name, knows under an id.
pub(crate) async fn lock_at(
    connection: &mut PgConnection,
    gateway: &str,
    id: &str,
) -> Result<Option<Dispute>, sqlx::Error> {
    select!("where gateway = $1 and gateway_dispute_id = $2 for update", gateway, id)
        .fetch_optional(connection)
        .await
}

/// Those that are not decided, longest untouched first.
pub(crate) async fn not_over(connection: &mut PgConnection) -> Result<Vec<Dispute>, sqlx::Error> {
    select!(
        "where state in ('open', 'evidence_sent', 'under_review')
         order by updated_at
         limit $1",
        ROUND_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Whether something of a payment is disputed and not decided.
pub(crate) async fn is_disputed(
    connection: &mut PgConnection,
    tenant: TenantId,
    payment: PaymentId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
             select from disputes
             where tenant_id = $1 and payment_id = $2 and state in ('open', 'evidence_sent', 'under_review')
         ) as "is_disputed!""#,
        tenant.uuid(),
        payment.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// What was disputed of these payments of a gateway, in paise, with its ids of them.
pub(crate) async fn amounts_of(
    connection: &mut PgConnection,
    gateway: &str,
    payments: &[String],
) -> Result<HashSet<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select p.gateway_payment_id as "payment!", d.amount_minor
         from disputes d
         join payments p on p.tenant_id = d.tenant_id and p.id = d.payment_id
         where d.gateway = $1 and p.gateway_payment_id = any($2)
         limit $3"#,
        gateway,
        payments,
        DISPUTED_MAX,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.payment, row.amount_minor)).collect())
}

/// What a gateway calls the disputes of these payments, which are named by its ids.
pub(crate) async fn ids_of(
    connection: &mut PgConnection,
    gateway: &str,
    payments: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select d.gateway_dispute_id
         from disputes d
         join payments p on p.tenant_id = d.tenant_id and p.id = d.payment_id
         where d.gateway = $1 and p.gateway_payment_id = any($2)
         limit $3",
        gateway,
        payments,
        DISPUTED_MAX,
    )
    .fetch_all(connection)
    .await
}

/// What banks took for good of an order's payment, oldest first: as a refund of what was on hold.
pub(crate) async fn lost_of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<RefundView>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: RefundId", held_minor, commission_minor, tcs_minor, updated_at
         from disputes
         where tenant_id = $1 and order_id = $2 and held_minor > 0 and state in ('lost', 'accepted', 'expired')
         order by id
         limit $3"#,
        tenant.uuid(),
        order.uuid(),
        ROUND_MAX,
    );
    let lost = rows.fetch_all(connection).await?.into_iter().map(|row| RefundView {
        id: row.id,
        amount: Money::inr(row.held_minor),
        commission: Money::inr(row.commission_minor),
        tcs: (row.tcs_minor > 0).then(|| Money::inr(row.tcs_minor)),
        state: RefundState::Processed,
        created_at: row.updated_at,
    });
    Ok(lost.collect())
}

/// Writes what can change of a dispute. The caller holds its lock.
pub(crate) async fn update(
    connection: &mut PgConnection,
    dispute: &Dispute,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update disputes
         set state = $3, answer = $4, answered_by = $5, statement = $6, note = $7, respond_by = $8, fee_minor = $9,
             phase = $10, updated_at = $11, fee_booked_minor = $12
         where tenant_id = $1 and id = $2",
        dispute.tenant.uuid(),
        dispute.id.uuid(),
        dispute.state as DisputeState,
        dispute.answer as Option<Answer>,
        dispute.answered_by.map(PersonId::uuid),
        dispute.statement,
        dispute.note,
        dispute.respond_by,
        dispute.fee_minor,
        dispute.phase,
        now,
        dispute.fee_booked_minor,
    )
    .execute(connection)
    .await?;
    Ok(())
}

struct Row {
    tenant: TenantId,
    id: DisputeId,
    payment: PaymentId,
    order: Option<OrderId>,
    gateway: String,
    at_gateway: String,
    amount_minor: i64,
    held_minor: i64,
    commission_minor: i64,
    fee_minor: i64,
    fee_booked_minor: i64,
    reason: String,
    phase: String,
    state: DisputeState,
    answer: Option<Answer>,
    answered_by: Option<PersonId>,
    statement: Option<String>,
    note: Option<String>,
    respond_by: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    number: String,
    payee: String,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        Self {
            dispute: Dispute {
                tenant: row.tenant,
                id: row.id,
                payment: row.payment,
                order: row.order,
                gateway: row.gateway,
                at_gateway: row.at_gateway,
                amount_minor: row.amount_minor,
                held_minor: row.held_minor,
                commission_minor: row.commission_minor,
                fee_minor: row.fee_minor,
                fee_booked_minor: row.fee_booked_minor,
                reason: row.reason,
                phase: row.phase,
                state: row.state,
                answer: row.answer,
                answered_by: row.answered_by,
                statement: row.statement,
                note: row.note,
                respond_by: row.respond_by,
                created_at: row.created_at,
            },
            number: row.number,
            payee: row.payee,
        }
    }
}

/// `select` of [`Row`]s; what follows the joins is the caller's.
macro_rules! listed {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select d.tenant_id as "tenant: TenantId", d.id as "id: DisputeId", d.payment_id as "payment: PaymentId",
                 d.order_id as "order: OrderId", d.gateway, d.gateway_dispute_id as at_gateway, d.amount_minor, d.held_minor,
                 d.commission_minor, d.fee_minor, d.fee_booked_minor, d.reason, d.phase, d.state as "state: DisputeState",
                 d.answer as "answer: Answer", d.answered_by as "answered_by: PersonId", d.statement, d.note, d.respond_by,
                 d.created_at, coalesce(i.order_number, i.top_up_number) as "number!",
                 coalesce(i.stall_name, i.payee) as "payee!"
             from disputes as d
             join payments as p on p.tenant_id = d.tenant_id and p.id = d.payment_id
             join payment_intents as i on i.tenant_id = p.tenant_id and i.id = p.intent_id "# + $tail,
            $($argument),*
        )
    };
}

/// A page of disputes, of one stall where it is named, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    tenant: Option<TenantId>,
    state: Option<DisputeState>,
    query: PageQuery,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = listed!(
        "where ($1::uuid is null or d.tenant_id = $1) and d.id < $2 and ($3::text is null or d.state = $3)
         order by d.id desc
         limit $4",
        tenant.map(TenantId::uuid),
        query.before(),
        state.map(DisputeState::as_str),
        query.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Listed::from).collect())
}

/// A dispute with what its payment says of it.
pub(crate) async fn show(
    connection: &mut PgConnection,
    tenant: TenantId,
    dispute: DisputeId,
) -> Result<Option<Listed>, sqlx::Error> {
    let row = listed!("where d.tenant_id = $1 and d.id = $2", tenant.uuid(), dispute.uuid());
    Ok(row.fetch_optional(connection).await?.map(Listed::from))
}

/// Whose dispute it is: the operator names it by its id alone.
pub(crate) async fn tenant_of(
    connection: &mut PgConnection,
    dispute: DisputeId,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select tenant_id as "tenant: TenantId" from disputes where id = $1"#,
        dispute.uuid()
    )
    .fetch_optional(connection)
    .await
}
