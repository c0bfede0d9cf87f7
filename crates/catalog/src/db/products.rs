//! Products, each with its stock.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Language, Money, Price, ProductId, Quantity, TenantId, Unit};
use uuid::Uuid;

use super::unreadable;
use crate::{Percent, Product, Stock, Tax, Treatment, goods};

/// How a product's stock begins.
pub(crate) struct Opening {
    pub movement: Uuid,
    pub at: DateTime<Utc>,
    /// So many products the stall may show.
    pub limit: i64,
}

/// Under which id a vendor's phone sent a product, and the hash of what it sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub client_id: Uuid,
    pub content_hash: Vec<u8>,
}

struct Row {
    id: ProductId,
    name: String,
    language: Language,
    lemma: Option<String>,
    price_minor: i64,
    per_milli: i64,
    price_unit: Unit,
    floor_minor: Option<i64>,
    floor_per_milli: Option<i64>,
    floor_unit: Option<Unit>,
    hsn: Option<String>,
    treatment: Treatment,
    rate_percent_milli: Option<i64>,
    hidden: bool,
    on_hand_milli: i64,
    held_milli: i64,
    stock_unit: Unit,
}

fn price(minor: i64, per_milli: i64, unit: Unit) -> Result<Price, sqlx::Error> {
    let per = Quantity::from_milli(per_milli).map_err(unreadable)?;
    Price::new(Money::inr(minor), per, unit).map_err(unreadable)
}

impl TryFrom<Row> for Product {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let floor = match (row.floor_minor, row.floor_per_milli, row.floor_unit) {
            (Some(minor), Some(per), Some(unit)) => Some(price(minor, per, unit)?),
            _ => None,
        };
        let rate_percent = row.rate_percent_milli.map(Percent::from_milli).transpose().map_err(unreadable)?;
        Ok(Self {
            id: row.id,
            names: goods::names_of(&row.name, row.language, row.lemma.as_deref()),
            name: row.name,
            language: row.language,
            lemma: row.lemma,
            price: price(row.price_minor, row.per_milli, row.price_unit)?,
            floor,
            stock: Stock::new(row.on_hand_milli, row.held_milli, row.stock_unit).map_err(unreadable)?,
            tax: Tax { hsn: row.hsn, treatment: row.treatment, rate_percent },
            hidden: row.hidden,
        })
    }
}

/// `select` with the columns of [`Row`]; what follows the tables' names is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: ProductId", name, language as "language: Language", lemma, price_minor, per_milli,
                 price_unit as "price_unit: Unit", floor_minor, floor_per_milli, floor_unit as "floor_unit: Unit", hsn,
                 treatment as "treatment: Treatment", rate_percent_milli, hidden, on_hand_milli, held_milli,
                 unit as "stock_unit: Unit"
             from products
             join stock on stock.tenant_id = products.tenant_id and stock.product_id = products.id "# + $tail,
            $($argument),*
        )
    };
}

fn products(rows: Vec<Row>) -> Result<Vec<Product>, sqlx::Error> {
    rows.into_iter().map(Product::try_from).collect()
}

pub(crate) async fn page(
    connection: &mut PgConnection,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<Product>, sqlx::Error> {
    let rows = select!(
        "where products.tenant_id = $1 and id < $2
         order by id desc
         limit $3",
        tenant.uuid(),
        query.before(),
        query.rows(),
    );
    products(rows.fetch_all(connection).await?)
}

pub(crate) async fn on_sale(
    connection: &mut PgConnection,
    tenant: TenantId,
    limit: i64,
) -> Result<Vec<Product>, sqlx::Error> {
    let rows = select!(
        "where products.tenant_id = $1 and not hidden
         order by id
         limit $2",
        tenant.uuid(),
        limit,
    );
    products(rows.fetch_all(connection).await?)
}

pub(crate) async fn of_ids(
    connection: &mut PgConnection,
    tenant: TenantId,
    wanted: &[ProductId],
    limit: i64,
) -> Result<Vec<Product>, sqlx::Error> {
    let ids: Vec<_> = wanted.iter().map(|product| product.uuid()).collect();
    let rows = select!(
        "where products.tenant_id = $1 and id = any($2)
         order by id
         limit $3",
        tenant.uuid(),
        &ids,
        limit,
    );
    products(rows.fetch_all(connection).await?)
}

/// How many products are on the shelf.
pub(crate) async fn count(connection: &mut PgConnection, tenant: TenantId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from products where tenant_id = $1 and not hidden"#,
        tenant.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Whether there is such a product; it is the transaction's to change then.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: ProductId,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select id from products where tenant_id = $1 and id = $2 for update",
        tenant.uuid(),
        product.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// The product that was sent under this client id.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<(ProductId, Sent)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: ProductId", content_hash as "content_hash!"
         from products
         where tenant_id = $1 and client_id = $2"#,
        tenant.uuid(),
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, Sent { client_id, content_hash: row.content_hash })))
}

/// Writes a product with its stock and first movement; false where it was sent before (waiting for whoever is at it), or the
/// stall is full. The shelf is locked, so that no two count at the same moment.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: &Product,
    sent: &Sent,
    opening: &Opening,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "with added as (
             insert into products
                 (tenant_id, id, name, language, lemma, price_minor, per_milli, price_unit, floor_minor, floor_per_milli,
                  floor_unit, hsn, treatment, rate_percent_milli, hidden, created_at, updated_at, client_id, content_hash)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, false, $15, $15, $20, $21
             where (select count(*) from products where tenant_id = $1 and not hidden) < $16
             on conflict on constraint products_client_id_once do nothing
             returning id
         ), stocked as (
             insert into stock (tenant_id, product_id, unit, on_hand_milli, held_milli, movement_count)
             select $1, id, $17, $18, 0, 1 from added
             returning product_id, on_hand_milli
         )
         insert into stock_movements
             (tenant_id, product_id, seq, id, kind, change_milli, on_hand_after_milli, created_at)
         select $1, product_id, 1, $19, 'opened', on_hand_milli, on_hand_milli, $15 from stocked",
        tenant.uuid(),
        product.id.uuid(),
        product.name,
        product.language.code(),
        product.lemma,
        product.price.amount().minor(),
        product.price.per().milli(),
        product.price.unit().code(),
        product.floor.map(|floor| floor.amount().minor()),
        product.floor.map(|floor| floor.per().milli()),
        product.floor.map(|floor| floor.unit().code()),
        product.tax.hsn,
        product.tax.treatment.code(),
        product.tax.rate_percent.map(Percent::milli),
        opening.at,
        opening.limit,
        product.stock.unit.code(),
        product.stock.on_hand.milli(),
        opening.movement,
        sent.client_id,
        sent.content_hash,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes everything of a product but its stock.
pub(crate) async fn update(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: &Product,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update products
         set name = $3, language = $4, lemma = $5, price_minor = $6, per_milli = $7, price_unit = $8, floor_minor = $9,
             floor_per_milli = $10, floor_unit = $11, hsn = $12, treatment = $13, rate_percent_milli = $14, hidden = $15,
             updated_at = $16
         where tenant_id = $1 and id = $2",
        tenant.uuid(),
        product.id.uuid(),
        product.name,
        product.language.code(),
        product.lemma,
        product.price.amount().minor(),
        product.price.per().milli(),
        product.price.unit().code(),
        product.floor.map(|floor| floor.amount().minor()),
        product.floor.map(|floor| floor.per().milli()),
        product.floor.map(|floor| floor.unit().code()),
        product.tax.hsn,
        product.tax.treatment.code(),
        product.tax.rate_percent.map(Percent::milli),
        product.hidden,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
