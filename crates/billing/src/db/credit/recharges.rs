//! Credit that is topped up by itself.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{TenantId, TopUpId};

use crate::credit::RechargeStopped;

/// How a vendor's credit is topped up by itself.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub is_on: bool,
    pub below_minor: i64,
    pub amount_minor: i64,
    pub month_most_minor: i64,
    pub failures: i16,
    pub stopped: Option<RechargeStopped>,
    /// Before that nothing is charged.
    pub look_at: Option<DateTime<Utc>>,
}

impl Rule {
    /// Whether one more would go past the month's most, after so much this month.
    pub fn is_spent(&self, this_month_minor: i64) -> bool {
        this_month_minor + self.amount_minor > self.month_most_minor
    }
}

/// `select` of a [`Rule`]; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Rule,
            r#"select is_on, below_minor, amount_minor, month_most_minor, failures, stopped as "stopped: RechargeStopped",
                 look_at
             from credit_recharges "# + $tail,
            $($argument),*
        )
    };
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<Rule>, sqlx::Error> {
    select!("where tenant_id = $1", tenant.uuid()).fetch_optional(connection).await
}

/// The rule of a tenant whose wallet is locked.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<Rule>, sqlx::Error> {
    select!("where tenant_id = $1 for update", tenant.uuid()).fetch_optional(connection).await
}

/// Writes a rule anew; who and what is added to what was kept before.
pub(crate) async fn write(
    connection: &mut PgConnection,
    tenant: TenantId,
    rule: &Rule,
    act: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_recharges
             (tenant_id, is_on, below_minor, amount_minor, month_most_minor, failures, stopped, acts, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         on conflict (tenant_id) do update
         set is_on = excluded.is_on, below_minor = excluded.below_minor, amount_minor = excluded.amount_minor,
             month_most_minor = excluded.month_most_minor, failures = excluded.failures, stopped = excluded.stopped,
             look_at = null, acts = credit_recharges.acts || E'\\n' || excluded.acts, updated_at = excluded.updated_at",
        tenant.uuid(),
        rule.is_on,
        rule.below_minor,
        rule.amount_minor,
        rule.month_most_minor,
        rule.failures,
        rule.stopped as Option<RechargeStopped>,
        act,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes how often the card said no in a row, and when it is looked at again.
pub(crate) async fn set_failures(
    connection: &mut PgConnection,
    tenant: TenantId,
    failures: i16,
    look_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_recharges set failures = $2, look_at = $3 where tenant_id = $1",
        tenant.uuid(),
        failures,
        look_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Tenants whose rule is to be looked at, at most `limit`.
pub(crate) async fn to_look_at(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select tenant_id as "tenant: TenantId"
         from credit_recharges
         where is_on and look_at <= $1
         order by look_at
         limit $2"#,
        now,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Whether one is under way; one that was waited for until `stale` in vain is none.
pub(crate) async fn is_under_way(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
    stale: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    sqlx::query!(
        "update credit_top_ups
         set failed_at = $2
         where tenant_id = $1 and by_itself and invoice_id is null and paid_at is null and failed_at is null
             and coalesce(expires_at, created_at + interval '30 minutes') < $3",
        tenant.uuid(),
        now,
        stale,
    )
    .execute(&mut *connection)
    .await?;
    let open = sqlx::query_scalar!(
        r#"select exists (
             select 1 from credit_top_ups
             where tenant_id = $1 and by_itself and invoice_id is null and paid_at is null and failed_at is null
         ) as "open!""#,
        tenant.uuid(),
    );
    open.fetch_one(connection).await
}

/// What was topped up by itself since a moment, or is under way.
pub(crate) async fn topped_up_minor(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    let sum = sqlx::query_scalar!(
        r#"select coalesce(sum(amount_minor), 0)::bigint as "sum!"
         from credit_top_ups
         where tenant_id = $1 and by_itself and invoice_id is null and created_at >= $2 and (failed_at is null or paid_at is not null)"#,
        tenant.uuid(),
        since,
    );
    sum.fetch_one(connection).await
}

/// Notes that a top-up's card said no; true where nobody had asked for it and it was under way.
pub(crate) async fn set_failed(
    connection: &mut PgConnection,
    tenant: TenantId,
    top_up: TopUpId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let failed = sqlx::query!(
        "update credit_top_ups
         set failed_at = $3
         where tenant_id = $1 and id = $2 and by_itself and paid_at is null and failed_at is null",
        tenant.uuid(),
        top_up.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(failed.rows_affected() == 1)
}
