//! How much there is of each product, and the movements that made it so.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{ProductId, Quantity, TenantId, Unit};
use uuid::Uuid;

use super::unreadable;
use crate::stock::Asked;
use crate::{Change, Stock, StockMovement};

/// What a vendor says of the stock.
pub(crate) struct Counted {
    pub product: ProductId,
    pub kind: &'static str,
    pub asked: Asked,
    pub client_id: Uuid,
}

/// What a vendor's phone said before under a client id.
pub(crate) enum Before {
    Nothing,
    TheSame,
    Otherwise,
}

/// What the stock is counted in; it never changes.
pub(crate) async fn unit_of(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: ProductId,
) -> Result<Option<Unit>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select unit as "unit: Unit" from stock where tenant_id = $1 and product_id = $2"#,
        tenant.uuid(),
        product.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn show(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: ProductId,
) -> Result<Option<Stock>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select on_hand_milli, held_milli, unit as "unit: Unit"
         from stock
         where tenant_id = $1 and product_id = $2"#,
        tenant.uuid(),
        product.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Stock::new(row.on_hand_milli, row.held_milli, row.unit)).transpose().map_err(unreadable)
}

/// As [`show`]; the stock is the transaction's to change then.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: ProductId,
) -> Result<Option<Stock>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select on_hand_milli, held_milli, unit as "unit: Unit"
         from stock
         where tenant_id = $1 and product_id = $2
         for update"#,
        tenant.uuid(),
        product.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| Stock::new(row.on_hand_milli, row.held_milli, row.unit)).transpose().map_err(unreadable)
}

/// Locks the stock rows of these products, by product.
pub(crate) async fn lock_all(
    connection: &mut PgConnection,
    tenant: TenantId,
    products: &[ProductId],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = products.iter().map(|product| product.uuid()).collect();
    sqlx::query!(
        "select product_id from stock
         where tenant_id = $1 and product_id = any($2)
         order by product_id
         for update",
        tenant.uuid(),
        &ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// What the phone said under this client id, with the stock locked.
pub(crate) async fn said_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    counted: &Counted,
) -> Result<Before, sqlx::Error> {
    let row = sqlx::query!(
        r#"select product_id as "product: ProductId", kind, change_milli, set_to_milli
         from stock_movements
         where tenant_id = $1 and client_id = $2"#,
        tenant.uuid(),
        counted.client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map_or(Before::Nothing, |row| {
        let said_the_same = match counted.asked {
            Asked::Set(quantity) => row.set_to_milli == Some(quantity.milli()),
            Asked::Change(change) => row.set_to_milli.is_none() && row.change_milli == change.milli(),
        };
        if row.product == counted.product && row.kind == counted.kind && said_the_same {
            Before::TheSame
        } else {
            Before::Otherwise
        }
    }))
}

/// Writes what is on hand now, with the movement that made it so.
pub(crate) async fn count(
    connection: &mut PgConnection,
    tenant: TenantId,
    counted: &Counted,
    change: Change,
    movement: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let set_to = match counted.asked {
        Asked::Set(quantity) => Some(quantity.milli()),
        Asked::Change(_) => None,
    };
    sqlx::query!(
        "with counted as (
             update stock
             set on_hand_milli = on_hand_milli + $3, movement_count = movement_count + 1
             where tenant_id = $1 and product_id = $2
             returning product_id, on_hand_milli, movement_count
         )
         insert into stock_movements
             (tenant_id, product_id, seq, id, kind, change_milli, on_hand_after_milli, client_id, set_to_milli, created_at)
         select $1, product_id, movement_count, $4, $5, $3, on_hand_milli, $6, $7, $8 from counted",
        tenant.uuid(),
        counted.product.uuid(),
        change.milli(),
        movement,
        counted.kind,
        counted.client_id,
        set_to,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds goods that came back, with the movement that says so. The stock is locked.
pub(crate) async fn put_back(
    connection: &mut PgConnection,
    tenant: TenantId,
    (product, quantity): (ProductId, Quantity),
    movement: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with returned as (
             update stock
             set on_hand_milli = on_hand_milli + $3, movement_count = movement_count + 1
             where tenant_id = $1 and product_id = $2
             returning product_id, on_hand_milli, movement_count
         )
         insert into stock_movements
             (tenant_id, product_id, seq, id, kind, change_milli, on_hand_after_milli, created_at)
         select $1, product_id, movement_count, $4, 'returned', $3, on_hand_milli, $5 from returned",
        tenant.uuid(),
        product.uuid(),
        quantity.milli(),
        movement,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn movements(
    connection: &mut PgConnection,
    tenant: TenantId,
    product: ProductId,
    query: PageQuery,
) -> Result<Vec<StockMovement>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, kind, change_milli, on_hand_after_milli, created_at
         from stock_movements
         where tenant_id = $1 and product_id = $2 and (
             $3::uuid is null
             or seq < (select seq from stock_movements where tenant_id = $1 and product_id = $2 and id = $3)
         )
         order by seq desc
         limit $4",
        tenant.uuid(),
        product.uuid(),
        query.before,
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    let movement = |id, kind, change, after, created_at| {
        let on_hand_after = Quantity::from_milli(after).map_err(unreadable)?;
        Ok(StockMovement { id, kind, change: Change::from_milli(change), on_hand_after, created_at })
    };
    rows.into_iter()
        .map(|row| movement(row.id, row.kind, row.change_milli, row.on_hand_after_milli, row.created_at))
        .collect()
}
