//! Stock that is set aside.
//!
//! Whoever ends holds locks their stock rows first ([`lock`]): so ends of one hold follow each other, and nobody waits in a circle.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{OrderId, ProductId, Quantity, StockHoldId, TenantId};
use uuid::Uuid;

/// What has become of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub(crate) enum HoldState {
    Held,
    Sold,
    Released,
    Returned,
}

/// What is to be set aside, in the stock's unit.
pub(crate) struct NewHold {
    pub id: StockHoldId,
    pub product: ProductId,
    pub order: OrderId,
    pub quantity: Quantity,
    pub until: DateTime<Utc>,
}

fn uuids(holds: &[StockHoldId]) -> Vec<Uuid> {
    holds.iter().map(|hold| hold.uuid()).collect()
}

/// Sets stock aside; false where not so much is free. Finding, taking and writing down are one statement.
pub(crate) async fn hold(
    connection: &mut PgConnection,
    tenant: TenantId,
    hold: &NewHold,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let held = sqlx::query!(
        "with taken as (
             update stock
             set held_milli = held_milli + $4
             where tenant_id = $1 and product_id = $2 and on_hand_milli - held_milli >= $4
             returning product_id
         )
         insert into stock_holds
             (tenant_id, id, product_id, order_id, quantity_milli, state, until, created_at, updated_at)
         select $1, $3, product_id, $5, $4, 'held', $6, $7, $7 from taken",
        tenant.uuid(),
        hold.product.uuid(),
        hold.id.uuid(),
        hold.quantity.milli(),
        hold.order.uuid(),
        hold.until,
        now,
    )
    .execute(connection)
    .await?;
    Ok(held.rows_affected() == 1)
}

/// Keeps live holds for longer; gives the number of those that are live.
pub(crate) async fn extend(
    connection: &mut PgConnection,
    tenant: TenantId,
    holds: &[StockHoldId],
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let extended = sqlx::query!(
        "with live as (
             select id from stock_holds
             where tenant_id = $1 and id = any($2) and state = 'held'
             order by id
             for update
         )
         update stock_holds
         set until = greatest(until, $3), updated_at = $4
         from live
         where stock_holds.tenant_id = $1 and stock_holds.id = live.id and state = 'held'",
        tenant.uuid(),
        &uuids(holds),
        until,
        now,
    )
    .execute(connection)
    .await?;
    Ok(extended.rows_affected())
}

/// Locks the stock that these holds are of, by product; gives the states of the holds that there are.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    holds: &[StockHoldId],
) -> Result<Vec<HoldState>, sqlx::Error> {
    let ids = uuids(holds);
    sqlx::query!(
        "select product_id from stock
         where tenant_id = $1 and product_id in (
             select product_id from stock_holds
             where tenant_id = $1 and id = any($2)
         )
         order by product_id
         for update",
        tenant.uuid(),
        &ids,
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query_scalar!(
        r#"select state as "state: HoldState"
         from stock_holds
         where tenant_id = $1 and id = any($2)
         limit $3"#,
        tenant.uuid(),
        &ids,
        i64::try_from(ids.len()).unwrap_or(i64::MAX),
    )
    .fetch_all(connection)
    .await
}

/// Gives live holds free; gives the products that have more to sell now.
pub(crate) async fn release(
    connection: &mut PgConnection,
    tenant: TenantId,
    holds: &[StockHoldId],
    now: DateTime<Utc>,
) -> Result<Vec<ProductId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with ended as (
             update stock_holds
             set state = 'released', updated_at = $3
             where tenant_id = $1 and id = any($2) and state = 'held'
             returning product_id, quantity_milli
         ), freed as (
             select product_id, sum(quantity_milli)::bigint as milli
             from ended
             group by product_id
         )
         update stock
         set held_milli = held_milli - freed.milli
         from freed
         where stock.tenant_id = $1 and stock.product_id = freed.product_id
         returning stock.product_id as "product: ProductId""#,
        tenant.uuid(),
        &uuids(holds),
        now,
    )
    .fetch_all(connection)
    .await
}

/// Takes live holds off the stock, a movement each; gives the products that this changed.
pub(crate) async fn sell(
    connection: &mut PgConnection,
    tenant: TenantId,
    holds: &[StockHoldId],
    movements: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<ProductId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with given as (
             select hold_id, movement_id
             from unnest($2::uuid[], $3::uuid[]) as given (hold_id, movement_id)
         ), ended as (
             update stock_holds
             set state = 'sold', updated_at = $4
             where tenant_id = $1 and id = any($2) and state = 'held'
             returning id, product_id, quantity_milli
         ), sold as (
             select product_id, sum(quantity_milli)::bigint as milli, count(*) as holds
             from ended
             group by product_id
         ), after as (
             update stock
             set on_hand_milli = on_hand_milli - sold.milli, held_milli = held_milli - sold.milli,
                 movement_count = movement_count + sold.holds
             from sold
             where stock.tenant_id = $1 and stock.product_id = sold.product_id
             returning stock.product_id, on_hand_milli + sold.milli as before_milli,
                 movement_count - sold.holds as movements_before
         )
         insert into stock_movements
             (tenant_id, product_id, seq, id, kind, change_milli, on_hand_after_milli, hold_id, created_at)
         select $1, after.product_id, movements_before + row_number() over one_by_one, movement_id, 'sold',
             -quantity_milli, before_milli - (sum(quantity_milli) over one_by_one)::bigint, ended.id, $4
         from ended
         join after on after.product_id = ended.product_id
         join given on given.hold_id = ended.id
         window one_by_one as (partition by ended.product_id order by ended.id)
         returning product_id as "product: ProductId""#,
        tenant.uuid(),
        &uuids(holds),
        movements,
        now,
    )
    .fetch_all(connection)
    .await
}

/// Puts sold holds back on the shelf, a movement each; gives the products that this changed.
pub(crate) async fn put_back(
    connection: &mut PgConnection,
    tenant: TenantId,
    holds: &[StockHoldId],
    movements: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<ProductId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with given as (
             select hold_id, movement_id
             from unnest($2::uuid[], $3::uuid[]) as given (hold_id, movement_id)
         ), ended as (
             update stock_holds
             set state = 'returned', updated_at = $4
             where tenant_id = $1 and id = any($2) and state = 'sold'
             returning id, product_id, quantity_milli
         ), returned as (
             select product_id, sum(quantity_milli)::bigint as milli, count(*) as holds
             from ended
             group by product_id
         ), after as (
             update stock
             set on_hand_milli = on_hand_milli + returned.milli, movement_count = movement_count + returned.holds
             from returned
             where stock.tenant_id = $1 and stock.product_id = returned.product_id
             returning stock.product_id, on_hand_milli - returned.milli as before_milli,
                 movement_count - returned.holds as movements_before
         )
         insert into stock_movements
             (tenant_id, product_id, seq, id, kind, change_milli, on_hand_after_milli, hold_id, created_at)
         select $1, after.product_id, movements_before + row_number() over one_by_one, movement_id, 'returned',
             quantity_milli, before_milli + (sum(quantity_milli) over one_by_one)::bigint, ended.id, $4
         from ended
         join after on after.product_id = ended.product_id
         join given on given.hold_id = ended.id
         window one_by_one as (partition by ended.product_id order by ended.id)
         returning product_id as "product: ProductId""#,
        tenant.uuid(),
        &uuids(holds),
        movements,
        now,
    )
    .fetch_all(connection)
    .await
}

/// Live holds whose time ended before this, oldest first.
pub(crate) async fn lapsed(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(TenantId, StockHoldId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant: TenantId", id as "hold: StockHoldId"
         from stock_holds
         where state = 'held' and until < $1
         order by until
         limit $2"#,
        before,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.hold)).collect())
}
