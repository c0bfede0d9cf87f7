//! What is sold in an order.

use catalog::{Percent, Tax, Treatment};
use serde_json::Value;
use sqlx::PgConnection;
use types::{Money, OfferId, OrderId, Price, ProductId, Quantity, StockHoldId, TenantId, Unit};
use uuid::Uuid;

use super::unreadable;
use crate::order::Line;

struct Row {
    line: i32,
    offer_id: OfferId,
    product_id: ProductId,
    item: String,
    product_name: String,
    price_minor: i64,
    per_milli: Quantity,
    price_unit: Unit,
    quantity_milli: Quantity,
    unit: Unit,
    total_minor: i64,
    hsn: Option<String>,
    tax_treatment: Option<Treatment>,
    rate_percent_milli: Option<i64>,
    hold_id: StockHoldId,
}

impl TryFrom<Row> for Line {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let price = Price::new(Money::inr(row.price_minor), row.per_milli, row.price_unit);
        let rate_percent = row.rate_percent_milli.map(Percent::from_milli).transpose().map_err(unreadable)?;
        let hsn = row.hsn;
        Ok(Self {
            line: row.line,
            offer: row.offer_id,
            product: row.product_id,
            item: row.item,
            product_name: row.product_name,
            price: price.map_err(unreadable)?,
            quantity: row.quantity_milli,
            unit: row.unit,
            total: Money::inr(row.total_minor),
            tax: row.tax_treatment.map(|treatment| Tax { hsn, treatment, rate_percent }),
            hold: row.hold_id,
        })
    }
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
    line: &Line,
    transcript: &Value,
) -> Result<(), sqlx::Error> {
    let tax = line.tax.as_ref();
    sqlx::query!(
        "insert into order_lines
             (tenant_id, order_id, line, offer_id, product_id, item, product_name, price_minor, per_milli,
              price_unit, quantity_milli, unit, total_minor, hsn, tax_treatment, rate_percent_milli,
              hold_id, transcript)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        tenant.uuid(),
        order.uuid(),
        line.line,
        line.offer.uuid(),
        line.product.uuid(),
        line.item,
        line.product_name,
        line.price.amount().minor(),
        line.price.per().milli(),
        line.price.unit().code(),
        line.quantity.milli(),
        line.unit.code(),
        line.total.minor(),
        tax.and_then(|tax| tax.hsn.as_deref()),
        tax.map(|tax| tax.treatment.code()),
        tax.and_then(|tax| tax.rate_percent).map(Percent::milli),
        line.hold.uuid(),
        transcript,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The lines of an order, in the order they were agreed.
pub(crate) async fn of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select line, offer_id as "offer_id: OfferId", product_id as "product_id: ProductId", item, product_name,
             price_minor, per_milli as "per_milli: Quantity", price_unit as "price_unit: Unit",
             quantity_milli as "quantity_milli: Quantity", unit as "unit: Unit", total_minor, hsn,
             tax_treatment as "tax_treatment: Treatment", rate_percent_milli, hold_id as "hold_id: StockHoldId"
         from order_lines
         where tenant_id = $1 and order_id = $2
         order by line
         limit 50"#,
        tenant.uuid(),
        order.uuid(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Line::try_from).collect()
}

/// What was said on the way to each line, in the order they were agreed.
pub(crate) async fn transcripts_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<Value>, sqlx::Error> {
    sqlx::query_scalar!(
        "select transcript
         from order_lines
         where tenant_id = $1 and order_id = $2
         order by line
         limit 50",
        tenant.uuid(),
        order.uuid(),
    )
    .fetch_all(connection)
    .await
}

/// Writes down under which holds the lines' stock is set aside now.
pub(crate) async fn set_holds(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
    lines: &[Line],
) -> Result<(), sqlx::Error> {
    let (numbers, holds): (Vec<i32>, Vec<Uuid>) =
        lines.iter().map(|line| (line.line, line.hold.uuid())).unzip();
    sqlx::query!(
        "update order_lines
         set hold_id = held.hold_id
         from unnest($3::integer[], $4::uuid[]) as held (line, hold_id)
         where order_lines.tenant_id = $1 and order_lines.order_id = $2 and order_lines.line = held.line",
        tenant.uuid(),
        order.uuid(),
        &numbers,
        &holds,
    )
    .execute(connection)
    .await?;
    Ok(())
}
