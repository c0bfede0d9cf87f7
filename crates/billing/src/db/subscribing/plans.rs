//! Versions of plans.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Money, PlanId};
use uuid::Uuid;

use super::Sent;
use crate::plans::Plan;

/// The most plans that are shown at once.
const ROWS_MAX: i64 = 200;

/// A plan as its row has it.
struct Row {
    id: PlanId,
    code: String,
    version: i32,
    name: String,
    month_minor: i64,
    year_minor: i64,
    trial_days: i16,
    products_max: i32,
    included_minor: i64,
    offered: bool,
    created_at: DateTime<Utc>,
}

impl From<Row> for Plan {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            code: row.code,
            version: row.version,
            name: row.name,
            month: Money::inr(row.month_minor),
            year: Money::inr(row.year_minor),
            trial_days: row.trial_days,
            products_max: row.products_max,
            included: Money::inr(row.included_minor),
            offered: row.offered,
            created_at: row.created_at,
        }
    }
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: PlanId", code, version, name, month_minor, year_minor, trial_days, products_max, included_minor,
                 offered, created_at
             from plans "# + $tail,
            $($argument),*
        )
    };
}

/// The newest version of each plan that can be chosen, the cheapest first.
pub(crate) async fn offered(connection: &mut PgConnection) -> Result<Vec<Plan>, sqlx::Error> {
    let rows = select!(
        "where offered and not exists (
             select from plans newer where newer.code = plans.code and newer.version > plans.version
         )
         order by month_minor, code
         limit $1",
        ROWS_MAX,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(Plan::from).collect())
}

pub(crate) async fn all(connection: &mut PgConnection) -> Result<Vec<Plan>, sqlx::Error> {
    let rows = select!("order by id desc limit $1", ROWS_MAX);
    Ok(rows.fetch_all(connection).await?.into_iter().map(Plan::from).collect())
}

pub(crate) async fn find(connection: &mut PgConnection, plan: PlanId) -> Result<Option<Plan>, sqlx::Error> {
    Ok(select!("where id = $1", plan.uuid()).fetch_optional(connection).await?.map(Plan::from))
}

/// The newest version of a plan.
pub(crate) async fn newest(connection: &mut PgConnection, code: &str) -> Result<Option<Plan>, sqlx::Error> {
    let row = select!("where code = $1 order by version desc limit 1", code);
    Ok(row.fetch_optional(connection).await?.map(Plan::from))
}

pub(crate) async fn last_version(connection: &mut PgConnection, code: &str) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(r#"select coalesce(max(version), 0) as "version!" from plans where code = $1"#, code)
        .fetch_one(connection)
        .await
}

/// Writes a version; false where it was sent before.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    plan: &Plan,
    sent: &Sent<'_>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into plans
             (id, code, version, name, month_minor, year_minor, trial_days, products_max, included_minor, client_id, content_hash,
              reason, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict on constraint plans_client_id_once do nothing",
        plan.id.uuid(),
        plan.code,
        plan.version,
        plan.name,
        plan.month.minor(),
        plan.year.minor(),
        plan.trial_days,
        plan.products_max,
        plan.included.minor(),
        sent.client_id,
        sent.content_hash,
        sent.reason,
        sent.person.uuid(),
        plan.created_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The plan that was sent under this client id, with the hash of what was sent.
pub(crate) async fn sent_before(
    connection: &mut PgConnection,
    client_id: Uuid,
) -> Result<Option<(Plan, Vec<u8>)>, sqlx::Error> {
    let Some(plan) = select!("where client_id = $1", client_id).fetch_optional(&mut *connection).await?
    else {
        return Ok(None);
    };
    let hash = sqlx::query_scalar!("select content_hash from plans where client_id = $1", client_id)
        .fetch_one(connection)
        .await?;
    Ok(Some((plan.into(), hash)))
}

/// Puts a version on or off the list; who and why is added to what was kept before.
pub(crate) async fn set_offered(
    connection: &mut PgConnection,
    plan: PlanId,
    offered: bool,
    act: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update plans set offered = $2, acts = concat_ws(E'\\n', acts, $3::text) where id = $1",
        plan.uuid(),
        offered,
        act,
    )
    .execute(connection)
    .await?;
    Ok(())
}
