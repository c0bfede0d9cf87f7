//! What was asked for subscriptions.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{CouponId, Money, PlanId, PlanInvoiceId, TenantId};

use crate::plans::{Asked, InvoiceKind, InvoiceState, Term};
use crate::series::FinancialYear;

/// An invoice as its row has it.
struct Row {
    id: PlanInvoiceId,
    kind: InvoiceKind,
    state: InvoiceState,
    plan: PlanId,
    plan_name: String,
    term: Term,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    price_minor: i64,
    discount_minor: i64,
    unused_minor: i64,
    total_minor: i64,
    coupon: Option<CouponId>,
    expires_at: Option<DateTime<Utc>>,
    number: Option<String>,
    created_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

impl From<Row> for Asked {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            plan: row.plan,
            plan_name: row.plan_name,
            term: row.term,
            during: row.period_start..row.period_end,
            price: Money::inr(row.price_minor),
            discount: Money::inr(row.discount_minor),
            unused: Money::inr(row.unused_minor),
            total: Money::inr(row.total_minor),
            coupon: row.coupon,
            expires_at: row.expires_at,
            number: row.number,
            created_at: row.created_at,
            settled_at: row.settled_at,
        }
    }
}

/// `select` of [`Row`]s; what follows the tables is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select plan_invoices.id as "id: PlanInvoiceId", kind as "kind: InvoiceKind", state as "state: InvoiceState",
                 plan_id as "plan: PlanId", plans.name as plan_name, term as "term: Term", period_start, period_end, price_minor,
                 discount_minor, unused_minor, total_minor, coupon_id as "coupon: CouponId", expires_at, number,
                 plan_invoices.created_at, settled_at
             from plan_invoices
             join plans on plans.id = plan_id "# + $tail,
            $($argument),*
        )
    };
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    asked: &Asked,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into plan_invoices
             (tenant_id, id, kind, state, plan_id, term, period_start, period_end, price_minor, discount_minor, unused_minor,
              total_minor, coupon_id, expires_at, created_at)
         values ($1, $2, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        tenant.uuid(),
        asked.id.uuid(),
        asked.kind as InvoiceKind,
        asked.plan.uuid(),
        asked.term as Term,
        asked.during.start,
        asked.during.end,
        asked.price.minor(),
        asked.discount.minor(),
        asked.unused.minor(),
        asked.total.minor(),
        asked.coupon.map(CouponId::uuid),
        asked.expires_at,
        asked.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down what an open invoice comes to now.
pub(crate) async fn set_terms(
    connection: &mut PgConnection,
    tenant: TenantId,
    asked: &Asked,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update plan_invoices
         set period_start = $3, period_end = $4, price_minor = $5, discount_minor = $6, unused_minor = $7, total_minor = $8
         where tenant_id = $1 and id = $2 and state = 'open'",
        tenant.uuid(),
        asked.id.uuid(),
        asked.during.start,
        asked.during.end,
        asked.price.minor(),
        asked.discount.minor(),
        asked.unused.minor(),
        asked.total.minor(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a paid invoice says on paper, under which number.
pub(crate) struct Printed {
    pub year: FinancialYear,
    pub number: String,
    pub snapshot: serde_json::Value,
}

/// Notes that an open invoice is paid; with its number where there was something to pay.
pub(crate) async fn set_paid(
    connection: &mut PgConnection,
    tenant: TenantId,
    invoice: PlanInvoiceId,
    printed: Option<&Printed>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update plan_invoices
         set state = 'paid', settled_at = $3, financial_year = $4, number = $5, snapshot = $6
         where tenant_id = $1 and id = $2 and state = 'open'",
        tenant.uuid(),
        invoice.uuid(),
        now,
        printed.map(|printed| printed.year.starts_in()),
        printed.map(|printed| &printed.number),
        printed.map(|printed| &printed.snapshot),
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn set_void(
    connection: &mut PgConnection,
    tenant: TenantId,
    invoice: PlanInvoiceId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update plan_invoices set state = 'void', settled_at = $3 where tenant_id = $1 and id = $2 and state = 'open'",
        tenant.uuid(),
        invoice.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a tenant has not paid yet.
pub(crate) async fn open(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<Asked>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and state = 'open'", tenant.uuid());
    Ok(row.fetch_optional(connection).await?.map(Asked::from))
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    invoice: PlanInvoiceId,
) -> Result<Option<Asked>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and plan_invoices.id = $2", tenant.uuid(), invoice.uuid());
    Ok(row.fetch_optional(connection).await?.map(Asked::from))
}

/// A page of a tenant's invoices, newest first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<Asked>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and plan_invoices.id < $2 order by plan_invoices.id desc limit $3",
        tenant.uuid(),
        query.before(),
        query.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Asked::from).collect())
}

/// All that a paid invoice says, as it was stored.
pub(crate) async fn snapshot(
    connection: &mut PgConnection,
    tenant: TenantId,
    invoice: PlanInvoiceId,
) -> Result<Option<serde_json::Value>, sqlx::Error> {
    let row = sqlx::query_scalar!(
        "select snapshot from plan_invoices where tenant_id = $1 and id = $2",
        tenant.uuid(),
        invoice.uuid(),
    );
    Ok(row.fetch_optional(connection).await?.flatten())
}
