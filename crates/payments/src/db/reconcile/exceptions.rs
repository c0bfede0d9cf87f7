//! What does not match.

use chrono::{DateTime, NaiveDate, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Money, PaymentId, TenantId};

use crate::ids::{ExceptionId, RunId};
use crate::reconcile::exception::{ExceptionKind, ExceptionState, ExceptionView, Finding, Repair};

/// An exception with what its repair needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    pub view: ExceptionView,
    pub payment: Option<PaymentId>,
}

struct Row {
    id: ExceptionId,
    gateway: String,
    day: NaiveDate,
    kind: ExceptionKind,
    state: ExceptionState,
    subject: String,
    gateway_payment_id: Option<String>,
    settlement_id: Option<String>,
    tenant: Option<TenantId>,
    payment: Option<PaymentId>,
    amount_minor: i64,
    expected_minor: Option<i64>,
    found_minor: Option<i64>,
    detail: String,
    repair: Repair,
    found_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    note: Option<String>,
}

impl From<Row> for Exception {
    fn from(row: Row) -> Self {
        let view = ExceptionView {
            id: row.id,
            gateway: row.gateway,
            day: row.day,
            kind: row.kind,
            state: row.state,
            subject: row.subject,
            gateway_payment_id: row.gateway_payment_id,
            settlement_id: row.settlement_id,
            tenant_id: row.tenant,
            amount: Money::inr(row.amount_minor),
            expected: row.expected_minor.map(Money::inr),
            found: row.found_minor.map(Money::inr),
            detail: row.detail,
            repair: row.repair,
            found_at: row.found_at,
            updated_at: row.updated_at,
            note: row.note,
        };
        Self { view, payment: row.payment }
    }
}

/// `select` of [`Row`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: ExceptionId", gateway, day, kind as "kind: ExceptionKind", state as "state: ExceptionState",
                 subject, gateway_payment_id, settlement_id, tenant_id as "tenant: TenantId",
                 payment_id as "payment: PaymentId", amount_minor, expected_minor, found_minor, detail,
                 repair as "repair: Repair", found_at, updated_at, audit as note
             from reconciliation_exceptions "# + $tail,
            $($argument),*
        )
    };
}

/// A page of exceptions, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    state: Option<ExceptionState>,
    query: PageQuery,
) -> Result<Vec<ExceptionView>, sqlx::Error> {
    let rows = select!(
        "where id < $1 and ($2::text is null or state = $2)
         order by id desc
         limit $3",
        query.before(),
        state.map(ExceptionState::as_str),
        query.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| Exception::from(row).view).collect())
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    id: ExceptionId,
) -> Result<Option<Exception>, sqlx::Error> {
    let row = select!("where id = $1", id.uuid());
    Ok(row.fetch_optional(connection).await?.map(Exception::from))
}

/// What a run found, to be kept.
pub(crate) struct Found<'a> {
    pub gateway: &'a str,
    pub day: NaiveDate,
    pub run: RunId,
    pub now: DateTime<Utc>,
}

/// Keeps a finding; one of the same thing is brought up to date, and opened again unless an operator left it as it was. Says
/// whether it is open that was not before.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    found: &Found<'_>,
    id: ExceptionId,
    finding: &Finding,
) -> Result<bool, sqlx::Error> {
    let was_open = sqlx::query_scalar!(
        r#"with before as (
             select state from reconciliation_exceptions
             where gateway = $2 and day = $3 and kind = $4 and subject = $5
         )
         insert into reconciliation_exceptions
             (id, gateway, day, kind, subject, gateway_payment_id, settlement_id, tenant_id, payment_id, amount_minor,
              expected_minor, found_minor, detail, repair, state, run_id, found_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'open', $15, $16, $16)
         on conflict on constraint reconciliation_exceptions_once do update
         set gateway_payment_id = excluded.gateway_payment_id, settlement_id = excluded.settlement_id,
             tenant_id = excluded.tenant_id, payment_id = excluded.payment_id, amount_minor = excluded.amount_minor,
             expected_minor = excluded.expected_minor, found_minor = excluded.found_minor, detail = excluded.detail,
             repair = excluded.repair, run_id = excluded.run_id, updated_at = excluded.updated_at,
             state = case when reconciliation_exceptions.state = 'dismissed' then 'dismissed' else 'open' end
         returning coalesce((select state from before), 'new') in ('open', 'dismissed') as "was_open!""#,
        id.uuid(),
        found.gateway,
        found.day,
        finding.kind as ExceptionKind,
        finding.subject,
        finding.gateway_payment,
        finding.settlement,
        finding.tenant.map(TenantId::uuid),
        finding.ours.map(|(_, payment)| payment.uuid()),
        finding.amount_minor,
        finding.differs.map(|(expected, _)| expected),
        finding.differs.map(|(_, found)| found),
        finding.detail,
        finding.repair as Repair,
        found.run.uuid(),
        found.now,
    )
    .fetch_one(connection)
    .await?;
    Ok(!was_open)
}

/// Closes what was open of a day and is found no longer: it has become right. Gives how many.
pub(crate) async fn close_the_rest(
    connection: &mut PgConnection,
    found: &Found<'_>,
) -> Result<u64, sqlx::Error> {
    let closed = sqlx::query!(
        "update reconciliation_exceptions
         set state = 'repaired', updated_at = $4,
             audit = concat_ws('; ', audit, 'became right by itself ' || to_char($4 at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))
         where gateway = $1 and day = $2 and state = 'open' and run_id <> $3",
        found.gateway,
        found.day,
        found.run.uuid(),
        found.now,
    )
    .execute(connection)
    .await?;
    Ok(closed.rows_affected())
}

/// Closes an open exception and notes who did and why; none where it is open no longer.
pub(crate) async fn close(
    connection: &mut PgConnection,
    id: ExceptionId,
    state: ExceptionState,
    audit: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let closed = sqlx::query!(
        "update reconciliation_exceptions
         set state = $2, audit = concat_ws('; ', audit, $3::text), updated_at = $4
         where id = $1 and state = 'open'",
        id.uuid(),
        state as ExceptionState,
        audit,
        now,
    )
    .execute(connection)
    .await?;
    Ok(closed.rows_affected() == 1)
}
