//! Issued documents and the series of their numbers.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{DocumentId, GuestId, Money, OrderId, RefundId, TenantId, VisitId};
use uuid::Uuid;

use crate::series::FinancialYear;
use crate::{Document, DocumentKind};

/// Documents asked for by their orders at once, at most.
const ORDERS_MAX: i64 = 1000;

/// A document as its row has it.
struct Row {
    id: DocumentId,
    kind: DocumentKind,
    number: String,
    order_id: OrderId,
    total_minor: i64,
    issued_at: DateTime<Utc>,
    e_invoice: bool,
}

impl From<Row> for Document {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            number: row.number,
            order_id: row.order_id,
            total: Money::inr(row.total_minor),
            issued_at: row.issued_at,
            e_invoice: row.e_invoice,
        }
    }
}

/// Locks the series until the transaction ends and tells its next number.
pub(crate) async fn lock_series(
    connection: &mut PgConnection,
    tenant: TenantId,
    kind: DocumentKind,
    year: FinancialYear,
) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into document_series (tenant_id, kind, financial_year, next)
         values ($1, $2, $3, 1)
         on conflict (tenant_id, kind, financial_year) do update
         set next = document_series.next
         returning next",
        tenant.uuid(),
        kind as DocumentKind,
        year.starts_in(),
    )
    .fetch_one(connection)
    .await
}

/// Moves the series on; its row is locked.
pub(crate) async fn advance_series(
    connection: &mut PgConnection,
    tenant: TenantId,
    kind: DocumentKind,
    year: FinancialYear,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update document_series
         set next = next + 1
         where tenant_id = $1 and kind = $2 and financial_year = $3",
        tenant.uuid(),
        kind as DocumentKind,
        year.starts_in(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose document it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parties {
    pub tenant: TenantId,
    pub visit: VisitId,
    pub guest: GuestId,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    parties: Parties,
    (document, credits): (&Document, Option<(DocumentId, RefundId)>),
    year: FinancialYear,
    snapshot: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into documents (tenant_id, id, order_id, visit_id, guest_id, kind, financial_year, number,
           total_minor, snapshot, issued_at, credits_id, refund_id, e_invoice)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        parties.tenant.uuid(),
        document.id.uuid(),
        document.order_id.uuid(),
        parties.visit.uuid(),
        parties.guest.uuid(),
        document.kind as DocumentKind,
        year.starts_in(),
        document.number,
        document.total.minor(),
        snapshot,
        document.issued_at,
        credits.map(|(document, _)| document.uuid()),
        credits.map(|(_, refund)| refund.uuid()),
        document.e_invoice,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The documents of an order's sale, with all that they say and whose they are, to be taken back.
pub(crate) async fn to_take_back(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<(Document, Parties, serde_json::Value)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: DocumentId", kind as "kind: DocumentKind", number, total_minor, issued_at, e_invoice,
             visit_id as "visit: VisitId", guest_id as "guest: GuestId", snapshot
         from documents
         where tenant_id = $1 and order_id = $2 and credits_id is null
         order by kind desc
         limit $3"#,
        tenant.uuid(),
        order.uuid(),
        ORDERS_MAX,
    )
    .fetch_all(connection)
    .await?;
    let documents = rows.into_iter().map(|row| {
        let document = Document {
            id: row.id,
            kind: row.kind,
            number: row.number,
            order_id: order,
            total: Money::inr(row.total_minor),
            issued_at: row.issued_at,
            e_invoice: row.e_invoice,
        };
        (document, Parties { tenant, visit: row.visit, guest: row.guest }, row.snapshot)
    });
    Ok(documents.collect())
}

/// What takes a document back, each with its refund; one from before there were parts has none.
pub(crate) async fn credits_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    document: DocumentId,
) -> Result<Vec<(Option<RefundId>, Document)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: DocumentId", kind as "kind: DocumentKind", number, order_id as "order_id: OrderId",
             total_minor, issued_at, e_invoice, refund_id as "refund: RefundId"
         from documents
         where tenant_id = $1 and credits_id = $2
         order by id
         limit $3"#,
        tenant.uuid(),
        document.uuid(),
        ORDERS_MAX,
    );
    let credits = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let document = Row {
            id: row.id,
            kind: row.kind,
            number: row.number,
            order_id: row.order_id,
            total_minor: row.total_minor,
            issued_at: row.issued_at,
            e_invoice: row.e_invoice,
        };
        (row.refund, document.into())
    });
    Ok(credits.collect())
}

/// The documents of these orders: what takes others back, then those of their sales, tax invoices last.
pub(crate) async fn of_orders(
    connection: &mut PgConnection,
    tenant: TenantId,
    orders: &[OrderId],
) -> Result<Vec<Document>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: DocumentId", kind as "kind: DocumentKind", number, order_id as "order_id: OrderId",
             total_minor, issued_at, e_invoice
         from documents
         where tenant_id = $1 and order_id = any($2)
         order by credits_id is null, kind = 'tax_invoice', id desc
         limit $3"#,
        tenant.uuid(),
        &orders,
        ORDERS_MAX,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Document::from).collect())
}

/// The seller's documents before `before`, newest first, the platform's paid invoices for the seller's plan among them.
pub(crate) async fn of_seller(
    connection: &mut PgConnection,
    tenant: TenantId,
    before: Uuid,
    rows: i64,
) -> Result<Vec<Document>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id!: DocumentId", kind as "kind!: DocumentKind", number as "number!", order_id as "order_id!: OrderId",
             total_minor as "total_minor!", issued_at as "issued_at!", e_invoice as "e_invoice!"
         from (
             (select id, kind, number, order_id, total_minor, issued_at, e_invoice
              from documents
              where tenant_id = $1 and id < $2
              order by id desc
              limit $3)
             union all
             (select id, 'subscription_invoice', number, id, total_minor, settled_at, false
              from plan_invoices
              where tenant_id = $1 and id < $2 and number is not null
              order by id desc
              limit $3)
         ) as papers
         order by id desc
         limit $3"#,
        tenant.uuid(),
        before,
        rows,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Document::from).collect())
}

/// What these guests received before `before`, newest first; only of one order where it is named.
pub(crate) async fn of_guests(
    connection: &mut PgConnection,
    guests: &[(TenantId, GuestId)],
    order: Option<OrderId>,
    (before, rows): (Uuid, i64),
) -> Result<Vec<(TenantId, Document)>, sqlx::Error> {
    let (tenants, guests): (Vec<_>, Vec<_>) =
        guests.iter().map(|(tenant, guest)| (tenant.uuid(), guest.uuid())).unzip();
    let rows = sqlx::query!(
        r#"select documents.tenant_id as "tenant: TenantId", id as "id: DocumentId", kind as "kind: DocumentKind",
             number, order_id as "order_id: OrderId", total_minor, issued_at, e_invoice
         from documents
         join unnest($1::uuid[], $2::uuid[]) as buyer (tenant_id, guest_id)
           on documents.tenant_id = buyer.tenant_id and documents.guest_id = buyer.guest_id
         where id < $3 and ($4::uuid is null or order_id = $4)
         order by id desc
         limit $5"#,
        &tenants,
        &guests,
        before,
        order.map(OrderId::uuid),
        rows,
    );
    let documents = rows.fetch_all(connection).await?.into_iter().map(|row| {
        let document = Row {
            id: row.id,
            kind: row.kind,
            number: row.number,
            order_id: row.order_id,
            total_minor: row.total_minor,
            issued_at: row.issued_at,
            e_invoice: row.e_invoice,
        };
        (row.tenant, document.into())
    });
    Ok(documents.collect())
}

/// All that a document says, as it was stored.
pub(crate) async fn snapshot(
    connection: &mut PgConnection,
    tenant: TenantId,
    document: DocumentId,
) -> Result<serde_json::Value, sqlx::Error> {
    sqlx::query_scalar!(
        "select snapshot
         from documents
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        document.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// A seller's document with all that it says.
pub(crate) async fn with_snapshot(
    connection: &mut PgConnection,
    tenant: TenantId,
    document: DocumentId,
) -> Result<Option<(Document, serde_json::Value)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select kind as "kind: DocumentKind", number, order_id as "order_id: OrderId", total_minor, issued_at, e_invoice,
             snapshot
         from documents
         where tenant_id = $1 and id = $2"#,
        tenant.uuid(),
        document.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let found = Row {
            id: document,
            kind: row.kind,
            number: row.number,
            order_id: row.order_id,
            total_minor: row.total_minor,
            issued_at: row.issued_at,
            e_invoice: row.e_invoice,
        };
        (found.into(), row.snapshot)
    }))
}
