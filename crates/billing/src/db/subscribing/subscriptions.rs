//! Subscriptions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{CouponId, Money, PlanId, TenantId};

use crate::plans::{Applied, Running, Standing, SubscriptionState, Term};

/// A subscription as its row has it.
struct Row {
    state: SubscriptionState,
    plan: Option<PlanId>,
    term: Option<Term>,
    anchor_at: Option<DateTime<Utc>>,
    period: Option<i32>,
    period_start: Option<DateTime<Utc>>,
    period_end: Option<DateTime<Utc>>,
    paid_minor: i64,
    paid_from: Option<DateTime<Utc>>,
    next_plan: Option<PlanId>,
    next_term: Option<Term>,
    cancels_at_end: bool,
    coupon: Option<CouponId>,
    coupon_left: Option<i32>,
    attempts: i16,
    retry_at: Option<DateTime<Utc>>,
    trialed: bool,
}

impl From<Row> for Standing {
    fn from(row: Row) -> Self {
        Self { trialed: row.trialed, running: row.running() }
    }
}

impl Row {
    fn running(self) -> Option<Running> {
        Some(Running {
            state: self.state,
            plan: self.plan?,
            term: self.term?,
            anchor: self.anchor_at?,
            period: u32::try_from(self.period?).unwrap_or_default(),
            during: self.period_start?..self.period_end?,
            paid: Money::inr(self.paid_minor),
            paid_from: self.paid_from?,
            next: self.next_plan.zip(self.next_term),
            cancels_at_end: self.cancels_at_end,
            coupon: self.coupon.map(|coupon| Applied {
                coupon,
                left: self.coupon_left.map(|left| u32::try_from(left).unwrap_or_default()),
            }),
            attempts: u16::try_from(self.attempts).unwrap_or_default(),
            retry_at: self.retry_at,
        })
    }
}

/// `select` of [`Row`]s; what follows the table is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select state as "state: SubscriptionState", plan_id as "plan: PlanId", term as "term: Term", anchor_at, period,
                 period_start, period_end, paid_minor, paid_from, next_plan_id as "next_plan: PlanId",
                 next_term as "next_term: Term", cancels_at_end, coupon_id as "coupon: CouponId", coupon_left, attempts, retry_at,
                 trialed
             from subscriptions "# + $tail,
            $($argument),*
        )
    };
}

pub(crate) async fn find(connection: &mut PgConnection, tenant: TenantId) -> Result<Standing, sqlx::Error> {
    let row = select!("where tenant_id = $1", tenant.uuid()).fetch_optional(connection).await?;
    Ok(row.map(Standing::from).unwrap_or_default())
}

/// Locks a tenant's subscription until the transaction ends; makes the row where there is none.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<Standing, sqlx::Error> {
    sqlx::query!(
        "insert into subscriptions (tenant_id, state, created_at, updated_at)
         values ($1, 'free', $2, $2)
         on conflict (tenant_id) do nothing",
        tenant.uuid(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    Ok(select!("where tenant_id = $1 for update", tenant.uuid()).fetch_one(connection).await?.into())
}

/// Writes a subscription that is locked. `due_at` is when time changes something next.
pub(crate) async fn put(
    connection: &mut PgConnection,
    tenant: TenantId,
    standing: &Standing,
    due_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let running = standing.running.as_ref();
    let next = running.and_then(|running| running.next);
    let coupon = running.and_then(|running| running.coupon);
    sqlx::query!(
        "update subscriptions
         set state = $2, plan_id = $3, term = $4, anchor_at = $5, period = $6, period_start = $7, period_end = $8,
           paid_minor = $9, paid_from = $10, next_plan_id = $11, next_term = $12, cancels_at_end = $13, coupon_id = $14,
           coupon_left = $15, attempts = $16, retry_at = $17, due_at = $18, trialed = $19, updated_at = $20
         where tenant_id = $1",
        tenant.uuid(),
        standing.state() as SubscriptionState,
        running.map(|running| running.plan.uuid()),
        running.map(|running| running.term) as Option<Term>,
        running.map(|running| running.anchor),
        running.map(|running| i32::try_from(running.period).unwrap_or(i32::MAX)),
        running.map(|running| running.during.start),
        running.map(|running| running.during.end),
        running.map_or(0, |running| running.paid.minor()),
        running.map(|running| running.paid_from),
        next.map(|(plan, _)| plan.uuid()),
        next.map(|(_, term)| term) as Option<Term>,
        running.is_some_and(|running| running.cancels_at_end),
        coupon.map(|applied| applied.coupon.uuid()),
        coupon.and_then(|applied| applied.left).map(|left| i32::try_from(left).unwrap_or(i32::MAX)),
        running.map_or(0, |running| i16::try_from(running.attempts).unwrap_or(i16::MAX)),
        running.and_then(|running| running.retry_at),
        due_at,
        standing.trialed,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the vendor has notice of what is charged for the period that begins then.
pub(crate) async fn set_noticed(
    connection: &mut PgConnection,
    tenant: TenantId,
    period: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update subscriptions set noticed_for = $2, noticed_at = $3 where tenant_id = $1",
        tenant.uuid(),
        period,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The beginning of the period of whose charge the vendor had notice, and when.
pub(crate) async fn noticed(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, sqlx::Error> {
    let row =
        sqlx::query!("select noticed_for, noticed_at from subscriptions where tenant_id = $1", tenant.uuid());
    let row = row.fetch_optional(connection).await?;
    Ok(row.and_then(|row| row.noticed_for.zip(row.noticed_at)))
}

/// Tenants whose next period begins until then without their having notice of its charge, the nearest first, after one of them.
pub(crate) async fn to_notice(
    connection: &mut PgConnection,
    until: DateTime<Utc>,
    (after_at, after): (DateTime<Utc>, TenantId),
    limit: i64,
) -> Result<Vec<(DateTime<Utc>, TenantId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select period_end as "period_end!", tenant_id as "tenant: TenantId"
         from subscriptions
         where state in ('trialing', 'active') and not cancels_at_end and period_end <= $1
             and (period_end, tenant_id) > ($2, $3)
             and noticed_for is distinct from period_end
         order by period_end, tenant_id
         limit $4"#,
        until,
        after_at,
        after.uuid(),
        limit,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.period_end, row.tenant)).collect())
}

/// Tenants whose subscriptions time has changed, the longest due first, after one of them.
pub(crate) async fn due(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    (after_at, after): (DateTime<Utc>, TenantId),
    limit: i64,
) -> Result<Vec<(DateTime<Utc>, TenantId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select due_at as "due_at!", tenant_id as "tenant: TenantId"
         from subscriptions
         where due_at <= $1 and (due_at, tenant_id) > ($2, $3)
         order by due_at, tenant_id
         limit $4"#,
        now,
        after_at,
        after.uuid(),
        limit,
    );
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.due_at, row.tenant)).collect())
}

/// How many products a tenant's plan allows: that of the subscription, else of the newest free plan.
pub(crate) async fn products_max(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select products_max::bigint as "products_max!"
         from plans
         where id = coalesce(
             (select plan_id from subscriptions where tenant_id = $1),
             (select id from plans where code = 'free' order by version desc limit 1)
         )"#,
        tenant.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// How many subscriptions stand so, and what they come to each month in paise, by state.
pub(crate) async fn tally(
    connection: &mut PgConnection,
) -> Result<Vec<(SubscriptionState, i64, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select state as "state: SubscriptionState", count(*) as "count!",
             coalesce(sum(case when cancels_at_end then 0 when term = 'month' then month_minor else year_minor / 12 end), 0)::bigint
               as "monthly_minor!"
         from subscriptions
         join plans on plans.id = plan_id
         where state <> 'free'
         group by state
         limit 10"#
    );
    let rows = rows.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.state, row.count, row.monthly_minor)).collect())
}
