//! Issued documents and the series of their numbers.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{DocumentId, GuestId, Money, OrderId, TenantId};
use uuid::Uuid;

use crate::series::FinancialYear;
use crate::{Document, DocumentKind, Sale};

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

pub(crate) async fn insert(
    connection: &mut PgConnection,
    sale: &Sale,
    document: &Document,
    year: FinancialYear,
    snapshot: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into documents (tenant_id, id, order_id, visit_id, guest_id, kind, financial_year, number,
           total_minor, snapshot, issued_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        sale.tenant.uuid(),
        document.id.uuid(),
        sale.order.uuid(),
        sale.visit.uuid(),
        sale.guest.uuid(),
        document.kind as DocumentKind,
        year.starts_in(),
        document.number,
        document.total.minor(),
        snapshot,
        document.issued_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The documents of these orders, where they have one.
pub(crate) async fn of_orders(
    connection: &mut PgConnection,
    tenant: TenantId,
    orders: &[OrderId],
) -> Result<Vec<Document>, sqlx::Error> {
    let orders: Vec<Uuid> = orders.iter().map(|order| order.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: DocumentId", kind as "kind: DocumentKind", number, order_id as "order_id: OrderId",
             total_minor, issued_at
         from documents
         where tenant_id = $1 and order_id = any($2)
         order by id desc
         limit $3"#,
        tenant.uuid(),
        &orders,
        ORDERS_MAX,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Document::from).collect())
}

/// The seller's documents before `before`, newest first.
pub(crate) async fn of_seller(
    connection: &mut PgConnection,
    tenant: TenantId,
    before: Uuid,
    rows: i64,
) -> Result<Vec<Document>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: DocumentId", kind as "kind: DocumentKind", number, order_id as "order_id: OrderId",
             total_minor, issued_at
         from documents
         where tenant_id = $1 and id < $2
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
    before: Uuid,
    rows: i64,
) -> Result<Vec<(TenantId, Document)>, sqlx::Error> {
    let (tenants, guests): (Vec<_>, Vec<_>) =
        guests.iter().map(|(tenant, guest)| (tenant.uuid(), guest.uuid())).unzip();
    let rows = sqlx::query!(
        r#"select documents.tenant_id as "tenant: TenantId", id as "id: DocumentId", kind as "kind: DocumentKind",
             number, order_id as "order_id: OrderId", total_minor, issued_at
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
