//! Visits.

use chrono::{DateTime, Utc};
use parley::{Amount, Side};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{CrewId, GuestId, Language, ProductId, Quantity, TenantId, Unit, VisitId};
use uuid::Uuid;

use super::side_code;
use crate::visit::{Reached, Visit, VisitState};

struct Row {
    tenant_id: TenantId,
    id: VisitId,
    guest_id: GuestId,
    buyer_number: i32,
    buyer_language: Language,
    vendor_language: Language,
    state: VisitState,
    product_id: Option<ProductId>,
    wanted_milli: Option<Quantity>,
    wanted_unit: Option<Unit>,
    crew_id: Option<CrewId>,
    message_count: i32,
    buyer_delivered_seq: i32,
    buyer_seen_seq: i32,
    vendor_delivered_seq: i32,
    vendor_seen_seq: i32,
    bargain_until: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Row> for Visit {
    fn from(row: Row) -> Self {
        Self {
            tenant: row.tenant_id,
            id: row.id,
            guest: row.guest_id,
            buyer_number: row.buyer_number,
            buyer_language: row.buyer_language,
            vendor_language: row.vendor_language,
            state: row.state,
            focus: row.product_id,
            wanted: row.wanted_milli.zip(row.wanted_unit).map(|(quantity, unit)| Amount { quantity, unit }),
            crew: row.crew_id,
            message_count: row.message_count,
            buyer_reached: Reached { delivered_seq: row.buyer_delivered_seq, seen_seq: row.buyer_seen_seq },
            vendor_reached: Reached {
                delivered_seq: row.vendor_delivered_seq,
                seen_seq: row.vendor_seen_seq,
            },
            bargain_until: row.bargain_until,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// `select` with the columns of [`Row`]; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select tenant_id as "tenant_id: TenantId", id as "id: VisitId", guest_id as "guest_id: GuestId", buyer_number,
                 buyer_language as "buyer_language: Language", vendor_language as "vendor_language: Language",
                 state as "state: VisitState", product_id as "product_id: ProductId",
                 wanted_milli as "wanted_milli: Quantity", wanted_unit as "wanted_unit: Unit",
                 crew_id as "crew_id: CrewId", message_count, buyer_delivered_seq, buyer_seen_seq, vendor_delivered_seq,
                 vendor_seen_seq, bargain_until, expires_at, created_at, updated_at
             from visits "# + $tail,
            $($argument),*
        )
    };
}

/// The number of this stall's next buyer, from 1.
pub async fn next_buyer_number(connection: &mut PgConnection, tenant: TenantId) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into visit_counters (tenant_id, buyers) values ($1, 1)
         on conflict (tenant_id) do update set buyers = visit_counters.buyers + 1
         returning buyers",
        tenant.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Writes a visit; false where the phone's own id has opened one before.
pub async fn insert(
    connection: &mut PgConnection,
    visit: &Visit,
    client_id: Option<Uuid>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into visits
             (tenant_id, id, guest_id, buyer_number, buyer_language, vendor_language, state,
              bargain_until, expires_at, created_at, updated_at, client_id, crew_id)
         values ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $9, $10, $11)
         on conflict on constraint visits_client_id_once do nothing",
        visit.tenant.uuid(),
        visit.id.uuid(),
        visit.guest.uuid(),
        visit.buyer_number,
        visit.buyer_language.code(),
        visit.vendor_language.code(),
        visit.bargain_until,
        visit.expires_at,
        visit.created_at,
        client_id,
        visit.crew.map(CrewId::uuid),
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The visit that a phone opened under its own id, and when.
pub async fn opened_as(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<(VisitId, DateTime<Utc>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: VisitId", created_at from visits where tenant_id = $1 and client_id = $2"#,
        tenant.uuid(),
        client_id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.created_at)))
}

/// A visit that has not been forgotten.
pub async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    now: DateTime<Utc>,
) -> Result<Option<Visit>, sqlx::Error> {
    let row =
        select!("where tenant_id = $1 and id = $2 and expires_at > $3", tenant.uuid(), visit.uuid(), now);
    Ok(row.fetch_optional(connection).await?.map(Visit::from))
}

/// The same, locked until the transaction ends: the first thing any change of a visit does.
pub async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    now: DateTime<Utc>,
) -> Result<Option<Visit>, sqlx::Error> {
    let row = select!(
        "where tenant_id = $1 and id = $2 and expires_at > $3
         for update",
        tenant.uuid(),
        visit.uuid(),
        now,
    );
    Ok(row.fetch_optional(connection).await?.map(Visit::from))
}

/// Gives a visit to a team, or to everybody.
pub async fn give(
    connection: &mut PgConnection,
    visit: &Visit,
    crew: Option<CrewId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits set crew_id = $3 where tenant_id = $1 and id = $2",
        visit.tenant.uuid(),
        visit.id.uuid(),
        crew.map(CrewId::uuid),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A stall's visits, where asked for only those that these teams look after; the one with the latest news first. `before` is the
/// `updated_at` order's last visit of the page before.
pub async fn recent(
    connection: &mut PgConnection,
    tenant: TenantId,
    crews: Option<&[CrewId]>,
    page: PageQuery,
    now: DateTime<Utc>,
) -> Result<Vec<Visit>, sqlx::Error> {
    let crews: Option<Vec<Uuid>> = crews.map(|crews| crews.iter().map(|crew| crew.uuid()).collect());
    let rows = select!(
        "where tenant_id = $1
             and expires_at > $2
             and ($5::uuid[] is null or crew_id = any($5))
             and (updated_at, id) < (
                 coalesce((select updated_at from visits where tenant_id = $1 and id = $3), 'infinity'::timestamptz),
                 $3::uuid
             )
         order by updated_at desc, id desc
         limit $4",
        tenant.uuid(),
        now,
        page.before(),
        page.rows(),
        crews.as_deref(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Visit::from).collect())
}

/// Those of these visits that are not forgotten, the one with the latest news first. For a phone that has been at several stalls.
pub async fn among(
    connection: &mut PgConnection,
    visits: &[(TenantId, VisitId)],
    page: PageQuery,
    now: DateTime<Utc>,
) -> Result<Vec<Visit>, sqlx::Error> {
    let (tenants, ids): (Vec<Uuid>, Vec<Uuid>) = visits.iter().map(|(t, v)| (t.uuid(), v.uuid())).unzip();
    let rows = select!(
        "where (tenant_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))
             and expires_at > $3
             and (updated_at, id) < (
                 coalesce(
                     (
                         select updated_at from visits
                         where id = $4 and (tenant_id, id) in (select * from unnest($1::uuid[], $2::uuid[]))
                     ),
                     'infinity'::timestamptz
                 ),
                 $4::uuid
             )
         order by updated_at desc, id desc
         limit $5",
        &tenants,
        &ids,
        now,
        page.before(),
        page.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Visit::from).collect())
}

/// The newest visits of every stall, where asked for only those of a state. For the operator.
pub async fn newest_of_all(
    connection: &mut PgConnection,
    state: Option<VisitState>,
    page: PageQuery,
    now: DateTime<Utc>,
) -> Result<Vec<Visit>, sqlx::Error> {
    let rows = select!(
        "where id < $1
             and ($2::text is null or case when bargain_until <= $3 then 'closed' else state end = $2)
         order by id desc
         limit $4",
        page.before(),
        state as Option<VisitState>,
        now,
        page.rows(),
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Visit::from).collect())
}

/// Writes what may change of a visit. How far each side has got never goes back.
pub async fn update(connection: &mut PgConnection, visit: &Visit) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits
         set buyer_language = $3, vendor_language = $4, state = $5, product_id = $6, wanted_milli = $7, wanted_unit = $8,
             message_count = $9, bargain_until = $10, updated_at = $11,
             buyer_delivered_seq = greatest(buyer_delivered_seq, $12), buyer_seen_seq = greatest(buyer_seen_seq, $13),
             vendor_delivered_seq = greatest(vendor_delivered_seq, $14), vendor_seen_seq = greatest(vendor_seen_seq, $15)
         where tenant_id = $1 and id = $2",
        visit.tenant.uuid(),
        visit.id.uuid(),
        visit.buyer_language.code(),
        visit.vendor_language.code(),
        visit.state as VisitState,
        visit.focus.map(ProductId::uuid),
        visit.wanted.map(|w| w.quantity.milli()),
        visit.wanted.map(|w| w.unit.code()),
        visit.message_count,
        visit.bargain_until,
        visit.updated_at,
        visit.buyer_reached.delivered_seq,
        visit.buyer_reached.seen_seq,
        visit.vendor_reached.delivered_seq,
        visit.vendor_reached.seen_seq,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes how far the talk has come to a side; never goes back.
pub async fn mark_reached(
    connection: &mut PgConnection,
    tenant: TenantId,
    visit: VisitId,
    side: Side,
    reached: Reached,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update visits
         set buyer_delivered_seq = case when $3 = 'buyer' then greatest(buyer_delivered_seq, $4) else buyer_delivered_seq end,
             buyer_seen_seq = case when $3 = 'buyer' then greatest(buyer_seen_seq, $5) else buyer_seen_seq end,
             vendor_delivered_seq = case when $3 = 'vendor' then greatest(vendor_delivered_seq, $4) else vendor_delivered_seq end,
             vendor_seen_seq = case when $3 = 'vendor' then greatest(vendor_seen_seq, $5) else vendor_seen_seq end
         where tenant_id = $1 and id = $2 and message_count >= $4 and message_count >= $5",
        tenant.uuid(),
        visit.uuid(),
        side_code(side),
        reached.delivered_seq,
        reached.seen_seq,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets visits whose time is over, with all that was said: at most `limit` a call. Gives how many went. The hashes of
/// recordings stay.
pub async fn forget(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<usize, sqlx::Error> {
    let gone = sqlx::query!(
        "delete from visits
         where (tenant_id, id) in (select tenant_id, id from visits where expires_at <= $1 order by expires_at limit $2)
         returning tenant_id, id",
        now,
        limit,
    )
    .fetch_all(&mut *connection)
    .await?;
    let (tenants, visits): (Vec<Uuid>, Vec<Uuid>) = gone.iter().map(|g| (g.tenant_id, g.id)).unzip();
    sqlx::query!(
        "delete from message_translations
         where (tenant_id, message_id) in (
             select tenant_id, id from messages
             where (tenant_id, visit_id) in (select * from unnest($1::uuid[], $2::uuid[]))
         )",
        &tenants,
        &visits,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from messages where (tenant_id, visit_id) in (select * from unnest($1::uuid[], $2::uuid[]))",
        &tenants,
        &visits,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from read_backs where (tenant_id, visit_id) in (select * from unnest($1::uuid[], $2::uuid[]))",
        &tenants,
        &visits,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from offers where (tenant_id, visit_id) in (select * from unnest($1::uuid[], $2::uuid[]))",
        &tenants,
        &visits,
    )
    .execute(&mut *connection)
    .await?;
    Ok(gone.len())
}
