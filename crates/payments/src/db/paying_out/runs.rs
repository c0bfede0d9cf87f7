//! Runs of payouts, and who is looked at.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use types::{Money, PersonId, TenantId};
use uuid::Uuid;

use platform::page::PageQuery;

use crate::payout::{PayoutRun, PayoutRunId, PayoutRunState};

struct Row {
    id: PayoutRunId,
    day: Option<NaiveDate>,
    reason: Option<String>,
    state: PayoutRunState,
    payouts: i32,
    amount_minor: i64,
    audit: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<Row> for PayoutRun {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            day: row.day,
            reason: row.reason,
            state: row.state,
            payouts: row.payouts,
            amount: Money::inr(row.amount_minor),
            note: row.audit,
            created_at: row.created_at,
        }
    }
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: PayoutRunId", day, reason, state as "state: PayoutRunState", payouts, amount_minor, audit, created_at
             from payout_runs "# + $tail,
            $($argument),*
        )
    };
}

/// A run to be made.
pub(crate) struct New<'a> {
    pub id: PayoutRunId,
    pub day: Option<NaiveDate>,
    pub asked: Option<(PersonId, &'a str)>,
    pub now: DateTime<Utc>,
}

/// Stores a run; false where that day's is there.
pub(crate) async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into payout_runs (id, day, asked_by, reason, state, created_at)
         values ($1, $2, $3, $4, 'asked', $5)
         on conflict (day) where day is not null do nothing",
        new.id.uuid(),
        new.day,
        new.asked.map(|(person, _)| person.uuid()),
        new.asked.map(|(_, reason)| reason),
        new.now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    id: PayoutRunId,
) -> Result<Option<PayoutRun>, sqlx::Error> {
    let row = select!("where id = $1", id.uuid()).fetch_optional(connection).await?;
    Ok(row.map(PayoutRun::from))
}

/// A page of runs, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    query: PageQuery,
) -> Result<Vec<PayoutRun>, sqlx::Error> {
    let rows = select!("where id < $1 order by id desc limit $2", query.before(), query.rows());
    Ok(rows.fetch_all(connection).await?.into_iter().map(PayoutRun::from).collect())
}

/// Notes that every vendor was looked at, and what came of it.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    id: PayoutRunId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payout_runs
         set state = 'done', finished_at = $2, payouts = made.payouts, amount_minor = made.amount_minor
         from (
             select count(*)::integer as payouts, coalesce(sum(amount_minor), 0)::bigint as amount_minor
             from payouts
             where run_id = $1 and retries_id is null
         ) as made
         where id = $1 and state = 'asked'",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes beside a run what an operator did with it.
pub(crate) async fn note(
    connection: &mut PgConnection,
    id: PayoutRunId,
    audit: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payout_runs set audit = concat_ws('; ', audit, $2::text) where id = $1",
        id.uuid(),
        audit,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Up to `limit` vendors who were ever paid, by id, those after one: a step from key to key, however many payments each has.
pub(crate) async fn vendors_after(
    connection: &mut PgConnection,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with recursive vendors as (
             (select tenant_id from payments where tenant_id > $1 order by tenant_id limit 1)
             union all
             select (
                 select p.tenant_id from payments p
                 where p.tenant_id > vendors.tenant_id
                 order by p.tenant_id
                 limit 1
             )
             from vendors
             where vendors.tenant_id is not null
         )
         select tenant_id as "tenant!: TenantId"
         from vendors
         where tenant_id is not null
         limit $2"#,
        after.map_or(Uuid::nil(), TenantId::uuid),
        limit,
    )
    .fetch_all(connection)
    .await
}

/// The names of several vendors' stalls, as their newest sales say them.
pub(crate) async fn stall_names(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<(TenantId, String)>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = sqlx::query!(
        r#"select wanted.tenant_id as "tenant!: TenantId", newest.stall_name as "name!"
         from unnest($1::uuid[]) as wanted (tenant_id)
         join lateral (
             select stall_name from payment_intents i
             where i.tenant_id = wanted.tenant_id and i.stall_name is not null
             order by i.id desc
             limit 1
         ) as newest on true"#,
        &tenants,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.name)).collect())
}
