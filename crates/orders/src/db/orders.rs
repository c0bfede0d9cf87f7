//! Orders.

use billing::StateCode;
use chrono::{DateTime, Utc};
use identity::Pass;
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{GuestId, IntentId, Language, Money, OrderId, TenantId, VisitId};
use uuid::Uuid;

use super::unreadable;
use crate::order::{Order, OrderState};

struct Row {
    tenant_id: TenantId,
    id: OrderId,
    number: i32,
    visit_id: VisitId,
    guest_id: GuestId,
    buyer_number: i32,
    buyer_language: Language,
    vendor_language: Language,
    state: OrderState,
    total_minor: i64,
    hold_until: DateTime<Utc>,
    intent_id: Option<IntentId>,
    settled_at: Option<DateTime<Utc>>,
    place_of_supply: Option<String>,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Order {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let place_of_supply = row.place_of_supply.map(|code| code.parse()).transpose().map_err(unreadable)?;
        Ok(Self {
            tenant: row.tenant_id,
            id: row.id,
            number: row.number,
            visit: row.visit_id,
            guest: row.guest_id,
            buyer_number: row.buyer_number,
            buyer_language: row.buyer_language,
            vendor_language: row.vendor_language,
            state: row.state,
            total: Money::inr(row.total_minor),
            hold_until: row.hold_until,
            intent: row.intent_id,
            settled_at: row.settled_at,
            place_of_supply,
            created_at: row.created_at,
        })
    }
}

/// `select` with the columns of [`Row`]; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select orders.tenant_id as "tenant_id: TenantId", orders.id as "id: OrderId", number,
                 orders.visit_id as "visit_id: VisitId", guest_id as "guest_id: GuestId", buyer_number,
                 buyer_language as "buyer_language: Language", vendor_language as "vendor_language: Language",
                 state as "state: OrderState", total_minor, hold_until, intent_id as "intent_id: IntentId",
                 settled_at, place_of_supply, created_at
             from orders "# + $tail,
            $($argument),*
        )
    };
}

pub(crate) async fn insert(connection: &mut PgConnection, order: &Order) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into orders
             (tenant_id, id, number, visit_id, guest_id, buyer_number, buyer_language, vendor_language, state,
              total_minor, hold_until, intent_id, settled_at, place_of_supply, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)",
        order.tenant.uuid(),
        order.id.uuid(),
        order.number,
        order.visit.uuid(),
        order.guest.uuid(),
        order.buyer_number,
        order.buyer_language.code(),
        order.vendor_language.code(),
        order.state as OrderState,
        order.total.minor(),
        order.hold_until,
        order.intent.map(IntentId::uuid),
        order.settled_at,
        order.place_of_supply.map(StateCode::code),
        order.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what can change of an order. The caller holds its lock.
pub(crate) async fn update(
    connection: &mut PgConnection,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update orders
         set state = $3, total_minor = $4, hold_until = $5, intent_id = $6, settled_at = $7,
             buyer_language = $8, vendor_language = $9, place_of_supply = $10, updated_at = $11
         where tenant_id = $1 and id = $2",
        order.tenant.uuid(),
        order.id.uuid(),
        order.state as OrderState,
        order.total.minor(),
        order.hold_until,
        order.intent.map(IntentId::uuid),
        order.settled_at,
        order.buyer_language.code(),
        order.vendor_language.code(),
        order.place_of_supply.map(StateCode::code),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An order, locked until the transaction ends.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Option<Order>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and id = $2 for update", tenant.uuid(), order.uuid());
    row.fetch_optional(connection).await?.map(Order::try_from).transpose()
}

/// The visit's unpaid order, locked until the transaction ends.
pub(crate) async fn lock_open(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
) -> Result<Option<Order>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and visit_id = $2 and state = 'open' for update",
        tenant.uuid(),
        visit.uuid()
    );
    row.fetch_optional(connection).await?.map(Order::try_from).transpose()
}

/// An order of a stall.
pub(crate) async fn of_stall(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Option<Order>, sqlx::Error> {
    let row = select!("where tenant_id = $1 and id = $2", tenant.uuid(), order.uuid());
    row.fetch_optional(connection).await?.map(Order::try_from).transpose()
}

/// An order of one of these visits.
pub(crate) async fn of_phone(
    connection: &mut PgConnection,
    passes: &[Pass],
    order: OrderId,
) -> Result<Option<Order>, sqlx::Error> {
    let (tenants, visits) = columns(passes);
    let row = select!(
        "join unnest($1::uuid[], $2::uuid[]) as passes (tenant_id, visit_id) using (tenant_id, visit_id)
         where id = $3",
        &tenants,
        &visits,
        order.uuid(),
    );
    row.fetch_optional(connection).await?.map(Order::try_from).transpose()
}

/// A page of a stall's orders, newest first, and one more.
pub(crate) async fn page_of_stall(
    connection: &mut PgConnection,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = select!(
        "where tenant_id = $1 and id < $2
         order by id desc
         limit $3",
        tenant.uuid(),
        query.before(),
        query.rows(),
    );
    rows.fetch_all(connection).await?.into_iter().map(Order::try_from).collect()
}

/// A page of the orders of these visits, newest first, and one more.
pub(crate) async fn page_of_phone(
    connection: &mut PgConnection,
    passes: &[Pass],
    query: PageQuery,
) -> Result<Vec<Order>, sqlx::Error> {
    let (tenants, visits) = columns(passes);
    let rows = select!(
        "join unnest($1::uuid[], $2::uuid[]) as passes (tenant_id, visit_id) using (tenant_id, visit_id)
         where id < $3
         order by id desc
         limit $4",
        &tenants,
        &visits,
        query.before(),
        query.rows(),
    );
    rows.fetch_all(connection).await?.into_iter().map(Order::try_from).collect()
}

/// A page of all stalls' orders, newest first, and one more.
pub(crate) async fn page_of_everybody(
    connection: &mut PgConnection,
    state: Option<OrderState>,
    query: PageQuery,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = select!(
        "where ($1::text is null or state = $1) and id < $2
         order by id desc
         limit $3",
        state as Option<OrderState>,
        query.before(),
        query.rows(),
    );
    rows.fetch_all(connection).await?.into_iter().map(Order::try_from).collect()
}

/// The newest order of each of these visits.
pub(crate) async fn newest_of_visits(
    connection: &mut PgConnection,
    tenant: TenantId,
    visits: &[VisitId],
) -> Result<Vec<Order>, sqlx::Error> {
    let visits: Vec<Uuid> = visits.iter().map(|visit| visit.uuid()).collect();
    let rows = select!(
        "where tenant_id = $1 and visit_id = any($2) and id = (
             select newest.id
             from orders as newest
             where newest.tenant_id = orders.tenant_id and newest.visit_id = orders.visit_id
             order by newest.id desc
             limit 1
         )
         limit 500",
        tenant.uuid(),
        &visits,
    );
    rows.fetch_all(connection).await?.into_iter().map(Order::try_from).collect()
}

fn columns(passes: &[Pass]) -> (Vec<Uuid>, Vec<Uuid>) {
    passes.iter().map(|pass| (pass.tenant.uuid(), pass.visit.uuid())).unzip()
}
