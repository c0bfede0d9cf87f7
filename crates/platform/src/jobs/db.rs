//! Every SQL statement of the queue. Rows are locked one at a time or with `skip locked`: there is no lock order to keep.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use types::{JobId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Draft, LEASE};

/// A job that this worker holds.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: Value,
    pub attempts: i16,
    pub attempts_max: i16,
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tally {
    /// The kind of job.
    pub kind: String,
    /// `ready`, `running`, `paused` or `dead`.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest of them wanted to run.
    pub oldest_run_at: DateTime<Utc>,
}

/// A dead or paused job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Listed {
    /// The job.
    pub id: JobId,
    /// Whose it is, where it is somebody's.
    pub tenant_id: Option<TenantId>,
    /// The kind of job.
    pub kind: String,
    /// `paused` or `dead`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i16,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    drafts: Vec<(JobId, Draft)>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut payloads = Vec::with_capacity(drafts.len());
    for (_, draft) in &drafts {
        payloads.push(draft.payload.clone().map_err(|e| sqlx::Error::Encode(e.into()))?);
    }
    let all = |of: fn(&Draft) -> i16| -> Vec<i16> { drafts.iter().map(|(_, draft)| of(draft)).collect() };
    sqlx::query!(
        "insert into jobs
             (id, tenant_id, kind, payload, unique_key, priority, state, run_at, attempts_max, created_at)
         select id, tenant_id, kind, payload, unique_key, priority, 'ready', run_at, attempts_max, $9
         from unnest((select $1::uuid[]), $2::uuid[], $3::text[], $4::jsonb[], $5::text[], $6::smallint[], $7::timestamptz[],
                 $8::smallint[])
             as draft (id, tenant_id, kind, payload, unique_key, priority, run_at, attempts_max)
         on conflict (kind, unique_key) where unique_key is not null and state = 'ready' do nothing",
        &drafts.iter().map(|(id, _)| id.uuid()).collect::<Vec<_>>(),
        &drafts.iter().map(|(_, draft)| draft.tenant.map(TenantId::uuid)).collect::<Vec<_>>() as &[Option<Uuid>],
        &drafts.iter().map(|(_, draft)| draft.kind).collect::<Vec<_>>() as &[&str],
        &payloads,
        &drafts.iter().map(|(_, draft)| draft.unique_key.as_deref()).collect::<Vec<_>>() as &[Option<&str>],
        &all(|draft| draft.priority.rank()),
        &drafts.iter().map(|(_, draft)| draft.run_at.unwrap_or(now)).collect::<Vec<_>>(),
        &all(|draft| draft.attempts_max),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Claims up to `limit` due jobs. Tenants take turns: a tenant's second job, running ones counted, comes after the first
/// of every other.
pub(super) async fn claim(
    connection: &mut PgConnection,
    holder: Uuid,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"with due as (
             select id, tenant_id, priority, run_at
             from jobs
             where state = 'ready' and run_at <= $1
             order by priority desc, run_at, id
             limit 500
         ), busy as (
             select tenant_id, count(*) as jobs
             from jobs
             where state = 'running'
             group by tenant_id
         ), in_turn as (
             select due.id, due.priority, due.run_at, coalesce(busy.jobs, 0)
                 + row_number() over (partition by due.tenant_id, due.priority order by due.run_at, due.id) as turn
             from due
             left join busy on busy.tenant_id is not distinct from due.tenant_id
         ), chosen as (
             select jobs.id
             from jobs
             join in_turn on in_turn.id = jobs.id
             where jobs.state = 'ready'
             order by in_turn.priority desc, in_turn.turn, in_turn.run_at
             limit $2
             for update of jobs skip locked
         )
         update jobs
         set state = 'running', attempts = attempts + 1, holder = $3, lease_until = $4
         from chosen
         where jobs.id = chosen.id
         returning jobs.id as "id: JobId", kind, payload, attempts, attempts_max"#,
        now,
        limit,
        holder,
        now + LEASE,
    )
    .fetch_all(connection)
    .await
}

/// Puts jobs whose worker has gone silent back into the queue.
pub(super) async fn reclaim(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let reclaimed = sqlx::query!(
        "update jobs
         set state = case when attempts < attempts_max then 'ready' else 'dead' end,
             holder = null, lease_until = null, last_error = 'the worker went silent',
             unique_key = null
         where state = 'running' and lease_until < $1",
        now,
    )
    .execute(connection)
    .await?;
    Ok(reclaimed.rows_affected())
}

pub(super) async fn renew(
    connection: &mut PgConnection,
    holder: Uuid,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update jobs set lease_until = $2 where state = 'running' and holder = $1",
        holder,
        now + LEASE,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a job that succeeded, where this worker still holds it.
pub(super) async fn finish(
    connection: &mut PgConnection,
    holder: Uuid,
    job: JobId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from jobs where id = $1 and holder = $2", job.uuid(), holder)
        .execute(connection)
        .await?;
    Ok(())
}

/// What becomes of a job that did not succeed.
pub(super) struct Outcome {
    pub state: &'static str,
    pub run_at: DateTime<Utc>,
    pub error: String,
}

/// Puts a job to rest or back into the queue, where this worker still holds it. A key it had is given up: another job
/// of that key may be waiting by now.
pub(super) async fn set_back(
    connection: &mut PgConnection,
    holder: Uuid,
    job: JobId,
    outcome: &Outcome,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update jobs
         set state = $3, run_at = $4, last_error = $5, holder = null, lease_until = null, unique_key = null
         where id = $1 and holder = $2",
        job.uuid(),
        holder,
        outcome.state,
        outcome.run_at,
        outcome.error,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn tally(connection: &mut PgConnection) -> Result<Vec<Tally>, sqlx::Error> {
    sqlx::query_as!(
        Tally,
        r#"select kind, state, count(*) as "count!", min(run_at) as "oldest_run_at!"
         from jobs
         group by kind, state
         order by kind, state
         limit 500"#,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn resting(connection: &mut PgConnection, limit: i64) -> Result<Vec<Listed>, sqlx::Error> {
    sqlx::query_as!(
        Listed,
        r#"select id as "id: JobId", tenant_id as "tenant_id: TenantId", kind, state, attempts, last_error, created_at
         from jobs
         where state in ('paused', 'dead')
         order by id desc
         limit $1"#,
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn revive(
    connection: &mut PgConnection,
    job: JobId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let revived = sqlx::query!(
        "update jobs set state = 'ready', attempts = 0, run_at = $2 where id = $1 and state = 'dead'",
        job.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(revived.rows_affected() == 1)
}

pub(super) async fn resume(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let resumed = sqlx::query!(
        "update jobs set state = 'ready', run_at = $2 where tenant_id = $1 and state = 'paused'",
        tenant.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(resumed.rows_affected())
}

/// How many jobs of each of these tenants are paused; those without any are left out.
pub(super) async fn paused(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<(TenantId, i64)>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", count(*) as "jobs!"
         from jobs
         where state = 'paused' and tenant_id = any($1)
         group by tenant_id"#,
        &tenants,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.jobs)).collect())
}

/// Tenants that have paused jobs, at most `limit`, those whose ids come after `after`.
pub(super) async fn tenants_paused(
    connection: &mut PgConnection,
    after: TenantId,
    limit: i64,
) -> Result<Vec<TenantId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct tenant_id as "tenant!: TenantId"
         from jobs
         where state = 'paused' and tenant_id > $1
         order by 1
         limit $2"#,
        after.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn plan(
    connection: &mut PgConnection,
    name: &str,
    first: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into job_schedules (name, next_run_at) values ($1, $2) on conflict (name) do nothing",
        name,
        first,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Moves a schedule on where it is due; false where it is not, or another node was faster.
pub(super) async fn take_turn(
    connection: &mut PgConnection,
    name: &str,
    now: DateTime<Utc>,
    next: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query!(
        "update job_schedules set next_run_at = $3 where name = $1 and next_run_at <= $2",
        name,
        now,
        next,
    )
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}
