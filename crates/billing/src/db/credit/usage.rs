//! Work at providers: what is set aside for it, and what it cost.

use chrono::{DateTime, NaiveDate, Utc};
use platform::meter::{Cause, Measure};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{LotId, Money, PersonId, PriceId, TenantId, TransferId, UsageId, VisitId};
use uuid::Uuid;

use crate::credit::{Hold, KeptOn, PricedAt, Usage, UsageCause, UsageDay, UsageState, UsedBy, Work};

/// Kinds of work are few: so many days of each are shown at most.
const DAYS_MAX: i64 = 200;

pub(crate) async fn insert(
    connection: &mut PgConnection,
    work: &Work,
    cause: &Cause,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_usage
             (tenant_id, id, provider, model, measure, state, amount_max, price_id, cause_kind, cause_id, visit_id,
              person_id, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        work.tenant.uuid(),
        work.id.uuid(),
        work.provider,
        work.model,
        work.measure as Measure,
        work.state as UsageState,
        work.amount_max,
        work.price.map(PriceId::uuid),
        cause.kind,
        cause.id,
        cause.visit.map(VisitId::uuid),
        work.by.map(PersonId::uuid),
        work.expires_at,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: UsageId,
) -> Result<Option<Work>, sqlx::Error> {
    sqlx::query_as!(
        Work,
        r#"select tenant_id as "tenant: TenantId", id as "id: UsageId", provider, model, measure as "measure: Measure",
             state as "state: UsageState", amount_max, quantity, price_id as "price: PriceId", person_id as "by: PersonId", expires_at
         from credit_usage
         where tenant_id = $1 and id = $2
         for update"#,
        tenant.uuid(),
        id.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn set_amount_max(
    connection: &mut PgConnection,
    work: &Work,
    amount_max: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_usage set amount_max = $3 where tenant_id = $1 and id = $2",
        work.tenant.uuid(),
        work.id.uuid(),
        amount_max,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn set_state(
    connection: &mut PgConnection,
    work: &Work,
    state: UsageState,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_usage set state = $3, settled_at = $4 where tenant_id = $1 and id = $2",
        work.tenant.uuid(),
        work.id.uuid(),
        state as UsageState,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What work came to.
pub(crate) struct Captured {
    pub quantity: i64,
    pub exact_micros: i64,
    pub charged_minor: i64,
}

pub(crate) async fn set_captured(
    connection: &mut PgConnection,
    work: &Work,
    captured: &Captured,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_usage
         set state = 'captured', quantity = $3, exact_micros = $4, charged_minor = $5, settled_at = $6
         where tenant_id = $1 and id = $2",
        work.tenant.uuid(),
        work.id.uuid(),
        captured.quantity,
        captured.exact_micros,
        captured.charged_minor,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes reservations whose time is over; gives their number.
pub(crate) async fn expire(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let expired = sqlx::query!(
        "update credit_usage
         set state = 'expired', settled_at = $1
         where (tenant_id, id) in (
             select tenant_id, id from credit_usage where state = 'reserved' and expires_at <= $1
             order by expires_at limit $2 for update skip locked
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(expired.rows_affected())
}

/// What is set aside for work, in the order in which it is spent.
pub(crate) async fn holds(
    connection: &mut PgConnection,
    tenant: TenantId,
    usage: UsageId,
) -> Result<Vec<Hold>, sqlx::Error> {
    sqlx::query_as!(
        Hold,
        r#"select lot_id as "lot: LotId", transfer_id as "transfer: TransferId", amount_minor as minor
         from credit_holds
         where tenant_id = $1 and usage_id = $2
         order by position"#,
        tenant.uuid(),
        usage.uuid(),
    )
    .fetch_all(connection)
    .await
}

/// Adds to what is set aside for work that holds from `before` lots already.
pub(crate) async fn insert_holds(
    connection: &mut PgConnection,
    work: &Work,
    before: usize,
    holds: &[Hold],
) -> Result<(), sqlx::Error> {
    let first = i64::try_from(before).unwrap_or(i64::MAX);
    sqlx::query!(
        "insert into credit_holds (tenant_id, usage_id, position, lot_id, transfer_id, amount_minor)
         select $1, $2, $3 + ordinality - 1, lot, transfer, minor
         from unnest($4::uuid[], $5::uuid[], $6::bigint[]) with ordinality as hold (lot, transfer, minor, ordinality)",
        work.tenant.uuid(),
        work.id.uuid(),
        first,
        &holds.iter().map(|hold| hold.lot.uuid()).collect::<Vec<Uuid>>(),
        &holds.iter().map(|hold| hold.transfer.uuid()).collect::<Vec<Uuid>>(),
        &holds.iter().map(|hold| hold.minor).collect::<Vec<i64>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of what was charged, newest first, without the lots; who caused it without their names, which are identity's.
pub(crate) async fn captured(
    connection: &mut PgConnection,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<Usage>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select used.id as "id: UsageId", used.settled_at as "at!", used.provider, used.model, used.measure as "measure: Measure",
             quantity as "quantity!", exact_micros as "exact_micros!", charged_minor as "charged_minor!", cause_kind, cause_id,
             visit_id as "visit_id: VisitId", person_id as "by: PersonId", price.per as "per?", price.price_micros as "price_micros?",
             stored.day as "day?", stored.recordings_bytes as "recordings_bytes?", stored.papers_bytes as "papers_bytes?"
         from credit_usage as used
         left join credit_prices as price on price.id = used.price_id
         left join credit_stored_days as stored
             on stored.tenant_id = used.tenant_id and stored.id = used.cause_id and used.cause_kind = 'storage'
         where used.tenant_id = $1 and used.state = 'captured' and used.id < $2
         order by used.id desc
         limit $3"#,
        tenant.uuid(),
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    let usage = rows.into_iter().map(|row| Usage {
        id: row.id,
        at: row.at,
        provider: row.provider,
        model: row.model,
        measure: row.measure,
        quantity: row.quantity,
        exact_micros: row.exact_micros,
        charged: Money::inr(row.charged_minor),
        given_away: row.per.is_none(),
        lots: Vec::new(),
        price: row.per.zip(row.price_micros).map(|(per, price_micros)| PricedAt { per, price_micros }),
        kept: row.day.map(|day| KeptOn {
            day,
            recordings_bytes: row.recordings_bytes.unwrap_or_default(),
            papers_bytes: row.papers_bytes.unwrap_or_default(),
        }),
        cause: UsageCause { kind: row.cause_kind, id: row.cause_id, visit_id: row.visit_id },
        by: row.by.map(|person_id| UsedBy { person_id, name: String::new() }),
    });
    Ok(usage.collect())
}

/// What was used since a moment, by day in India and kind.
pub(crate) async fn days(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<Vec<UsageDay>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select (settled_at at time zone 'Asia/Kolkata')::date as "day!: NaiveDate", measure as "measure: Measure",
             sum(quantity)::bigint as "quantity!", sum(charged_minor)::bigint as "charged_minor!"
         from credit_usage
         where tenant_id = $1 and state = 'captured' and settled_at >= $2
         group by 1, 2
         order by 1 desc, 2
         limit $3"#,
        tenant.uuid(),
        since,
        DAYS_MAX,
    )
    .fetch_all(connection)
    .await?;
    let days = rows.into_iter().map(|row| UsageDay {
        day: row.day,
        measure: row.measure,
        quantity: row.quantity,
        charged: Money::inr(row.charged_minor),
    });
    Ok(days.collect())
}
