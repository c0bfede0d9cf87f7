//! Refunds of every stall, for the operator.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Money, RefundId, TenantId};

use super::refunds::{Refund, RefundState};
use crate::oversight::OperatorRefund;

struct Row {
    id: RefundId,
    order_number: String,
    stall_name: String,
    amount_minor: i64,
    state: RefundState,
    attempt: i16,
    reason: String,
    created_at: DateTime<Utc>,
    note: Option<String>,
}

impl From<Row> for OperatorRefund {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            order_number: row.order_number,
            stall_name: row.stall_name,
            amount: Money::inr(row.amount_minor),
            state: row.state,
            attempts: row.attempt,
            reason: row.reason,
            created_at: row.created_at,
            note: row.note,
        }
    }
}

/// A page of refunds, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    state: Option<RefundState>,
    query: PageQuery,
) -> Result<Vec<OperatorRefund>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select r.id as "id: RefundId", i.order_number, i.stall_name, r.amount_minor, r.state as "state: RefundState",
             r.attempt, r.reason, r.created_at, nullif(concat_ws('; ', r.note, r.retries), '') as note
         from refunds as r
         join payments as p on p.tenant_id = r.tenant_id and p.id = r.payment_id
         join payment_intents as i on i.tenant_id = p.tenant_id and i.id = p.intent_id
         where r.id < $1 and ($2::text is null or r.state = $2)
         order by r.id desc
         limit $3"#,
        query.before(),
        state.map(RefundState::as_str),
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(OperatorRefund::from).collect())
}

/// Whose refund it is: the operator names it by its id alone.
pub(crate) async fn tenant_of(
    connection: &mut PgConnection,
    refund: RefundId,
) -> Result<Option<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select tenant_id as "tenant: TenantId" from refunds where id = $1"#, refund.uuid())
        .fetch_optional(connection)
        .await
}

/// Writes beside a refund who had it made again and why; gives it as it stands now.
pub(crate) async fn note_retry(
    connection: &mut PgConnection,
    refund: &Refund,
    audit: &str,
) -> Result<OperatorRefund, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"update refunds as r
         set retries = concat_ws('; ', r.retries, $3::text)
         from payments as p, payment_intents as i
         where r.tenant_id = $1 and r.id = $2
             and p.tenant_id = r.tenant_id and p.id = r.payment_id
             and i.tenant_id = p.tenant_id and i.id = p.intent_id
         returning r.id as "id: RefundId", i.order_number, i.stall_name, r.amount_minor, r.state as "state: RefundState",
             r.attempt, r.reason, r.created_at, nullif(concat_ws('; ', r.note, r.retries), '') as note"#,
        refund.tenant.uuid(),
        refund.id.uuid(),
        audit,
    )
    .fetch_one(connection)
    .await?;
    Ok(OperatorRefund::from(row))
}
