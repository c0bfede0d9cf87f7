//! Paid credit on its way back.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{LotId, Money, PersonId, RefundId, TenantId, TopUpId};
use uuid::Uuid;

use crate::credit::{CreditRefund, CreditRefundState};

/// So many top-ups one request is paid back from at most, and as many lots are looked at.
const ROWS_MAX: i64 = 1_000;

/// Credit that goes back, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Returning {
    pub refund: RefundId,
    pub top_up: TopUpId,
    pub amount_minor: i64,
    pub taken_minor: i64,
    pub state: CreditRefundState,
}

/// Who asked for credit back, and for how much in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedBy {
    pub client_id: Uuid,
    pub person: PersonId,
    pub asked_minor: i64,
}

/// Writes that credit goes back; false where it is written already.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    returning: &Returning,
    by: Option<&AskedBy>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into credit_refunds
             (tenant_id, refund_id, top_up_id, amount_minor, taken_minor, state, client_id, asked_by, asked_minor, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (tenant_id, refund_id) do nothing",
        tenant.uuid(),
        returning.refund.uuid(),
        returning.top_up.uuid(),
        returning.amount_minor,
        returning.taken_minor,
        returning.state as CreditRefundState,
        by.map(|by| by.client_id),
        by.map(|by| by.person.uuid()),
        by.map(|by| by.asked_minor),
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    refund: RefundId,
) -> Result<Option<Returning>, sqlx::Error> {
    sqlx::query_as!(
        Returning,
        r#"select refund_id as "refund: RefundId", top_up_id as "top_up: TopUpId", amount_minor, taken_minor,
             state as "state: CreditRefundState"
         from credit_refunds
         where tenant_id = $1 and refund_id = $2
         for update"#,
        tenant.uuid(),
        refund.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn set_state(
    connection: &mut PgConnection,
    tenant: TenantId,
    refund: RefundId,
    state: CreditRefundState,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_refunds set state = $3, settled_at = $4 where tenant_id = $1 and refund_id = $2",
        tenant.uuid(),
        refund.uuid(),
        state as CreditRefundState,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What was asked for under a client id, in all; none where nothing was.
pub(crate) async fn asked_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<i64>, sqlx::Error> {
    let asked = sqlx::query_scalar!(
        r#"select asked_minor as "asked!" from credit_refunds where tenant_id = $1 and client_id = $2 limit 1"#,
        tenant.uuid(),
        client_id,
    );
    asked.fetch_optional(connection).await
}

/// A page of what went back, newest first: all of it, or what was asked for under one client id.
pub(crate) async fn page(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Option<Uuid>,
    query: PageQuery,
) -> Result<Vec<CreditRefund>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select back.refund_id as "id: RefundId", back.amount_minor, back.taken_minor, back.state as "state: CreditRefundState",
             back.client_id is null as "elsewhere!", back.created_at, paid.number
         from credit_refunds as back
         join credit_top_ups as paid on paid.tenant_id = back.tenant_id and paid.id = back.top_up_id
         where back.tenant_id = $1 and back.refund_id < $2 and ($3::uuid is null or back.client_id = $3)
         order by back.refund_id desc
         limit $4"#,
        tenant.uuid(),
        query.before(),
        client_id,
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    let refunds = rows.into_iter().map(|row| CreditRefund {
        id: row.id,
        top_up_number: row.number,
        amount: Money::inr(row.amount_minor),
        owed: Money::inr(row.amount_minor - row.taken_minor),
        state: row.state,
        made_at_gateway: row.elsewhere,
        created_at: row.created_at,
    });
    Ok(refunds.collect())
}

/// Which top-up each open paid lot came from, of those that a gateway took and can give back.
pub(crate) async fn top_ups_of_open_lots(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<(LotId, TopUpId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select lot.id as "lot: LotId", paid.id as "top_up: TopUpId"
         from credit_lots as lot
         join credit_top_ups as paid on paid.tenant_id = lot.tenant_id and paid.lot_id = lot.id
         where lot.tenant_id = $1 and lot.closed_at is null and paid.upi_id is null
         order by lot.id desc
         limit $2"#,
        tenant.uuid(),
        ROWS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.lot, row.top_up)).collect())
}
