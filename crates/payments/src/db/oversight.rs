//! Refunds of every stall, for the operator.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Money, RefundId, TenantId};

use super::refunds::{Refund, RefundState};
use crate::oversight::OperatorRefund;
use crate::subject::SubjectKind;

struct Row {
    id: RefundId,
    tenant: TenantId,
    is_top_up: bool,
    number: String,
    payee: String,
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
            tenant: row.tenant,
            paid_for: if row.is_top_up { SubjectKind::TopUp } else { SubjectKind::Order },
            order_number: row.number,
            stall_name: row.payee,
            amount: Money::inr(row.amount_minor),
            state: row.state,
            attempts: row.attempt,
            reason: row.reason,
            created_at: row.created_at,
            note: row.note,
        }
    }
}

/// `select` of [`Row`]s; what follows the joins is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select r.id as "id: RefundId", r.tenant_id as "tenant: TenantId", i.top_up_id is not null as "is_top_up!",
                 coalesce(i.order_number, i.top_up_number) as "number!", coalesce(i.stall_name, i.payee) as "payee!",
                 r.amount_minor, r.state as "state: RefundState", r.attempt, r.reason, r.created_at,
                 nullif(concat_ws('; ', r.note, r.retries), '') as note
             from refunds as r
             join payments as p on p.tenant_id = r.tenant_id and p.id = r.payment_id
             join payment_intents as i on i.tenant_id = p.tenant_id and i.id = p.intent_id "# + $tail,
            $($argument),*
        )
    };
}

/// A page of refunds, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    state: Option<RefundState>,
    query: PageQuery,
) -> Result<Vec<OperatorRefund>, sqlx::Error> {
    let rows = select!(
        "where r.id < $1 and ($2::text is null or r.state = $2)
         order by r.id desc
         limit $3",
        query.before(),
        state.map(RefundState::as_str),
        query.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(OperatorRefund::from).collect())
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
    let (tenant, id) = (refund.tenant.uuid(), refund.id.uuid());
    sqlx::query!(
        "update refunds
         set retries = concat_ws('; ', retries, $3::text)
         where tenant_id = $1 and id = $2",
        tenant,
        id,
        audit,
    )
    .execute(&mut *connection)
    .await?;
    let row = select!("where r.tenant_id = $1 and r.id = $2", tenant, id);
    Ok(row.fetch_one(connection).await?.into())
}
