//! What members may spend in a month, what they spent, and what refused work of theirs wanted.

use chrono::{DateTime, Utc};
use platform::meter::Measure;
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

/// A business has no more members, those who left and spent something counted.
const MEMBERS_MAX: i64 = 500;

/// A limit that was set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// None: as much as there is.
    pub minor: Option<i64>,
    pub set_by: PersonId,
    pub created_at: DateTime<Utc>,
}

/// What one member spent since a moment, and may spend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spending {
    pub person: PersonId,
    pub spent_minor: i64,
    pub limit: Option<Limit>,
}

/// The least that refused work of a member wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemberWant {
    pub tenant: TenantId,
    pub person: PersonId,
    pub measure: Measure,
    pub wanted_minor: i64,
}

pub(crate) async fn set_limit(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: Uuid,
    person: PersonId,
    limit: &Limit,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_member_limits (tenant_id, id, person_id, limit_minor, set_by, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant.uuid(),
        id,
        person.uuid(),
        limit.minor,
        limit.set_by.uuid(),
        limit.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a member may spend in a month; none: as much as there is.
pub(crate) async fn limit_minor(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
) -> Result<Option<i64>, sqlx::Error> {
    let newest = sqlx::query_scalar!(
        "select limit_minor
         from credit_member_limits
         where tenant_id = $1 and person_id = $2
         order by id desc
         limit 1",
        tenant.uuid(),
        person.uuid(),
    );
    Ok(newest.fetch_optional(connection).await?.flatten())
}

/// What work that a member began since a moment came to, what is set aside for work under way included.
pub(crate) async fn spent_minor(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(coalesce(charged_minor, held.minor)), 0)::bigint as "spent!"
         from credit_usage as used
         left join lateral (
             select sum(amount_minor) as minor
             from credit_holds as hold
             where used.state = 'reserved' and hold.tenant_id = used.tenant_id and hold.usage_id = used.id
         ) as held on true
         where used.tenant_id = $1 and used.person_id = $2 and used.created_at >= $3
             and (used.state = 'captured' or used.state = 'reserved' and used.expires_at > $4)"#,
        tenant.uuid(),
        person.uuid(),
        since,
        now,
    )
    .fetch_one(connection)
    .await
}

/// Members who spent something since a moment or ever had a limit: who spent most first.
pub(crate) async fn spending(
    connection: &mut PgConnection,
    tenant: TenantId,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Spending>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with spent as (
             select used.person_id, sum(coalesce(charged_minor, held.minor)) as minor
             from credit_usage as used
             left join lateral (
                 select sum(amount_minor) as minor
                 from credit_holds as hold
                 where used.state = 'reserved' and hold.tenant_id = used.tenant_id and hold.usage_id = used.id
             ) as held on true
             where used.tenant_id = $1 and used.person_id is not null and used.created_at >= $2
                 and (used.state = 'captured' or used.state = 'reserved' and used.expires_at > $3)
             group by used.person_id
         ), newest as (
             select distinct on (person_id) person_id, limit_minor, set_by, created_at
             from credit_member_limits
             where tenant_id = $1
             order by person_id, id desc
         )
         select coalesce(spent.person_id, newest.person_id) as "person!: PersonId",
             coalesce(spent.minor, 0)::bigint as "spent_minor!", newest.limit_minor as "limit_minor?",
             newest.set_by as "set_by?: PersonId", newest.created_at as "created_at?"
         from spent
         full join newest on newest.person_id = spent.person_id
         order by 2 desc, 1
         limit $4"#,
        tenant.uuid(),
        since,
        now,
        MEMBERS_MAX,
    )
    .fetch_all(connection)
    .await?;
    let spending = rows.into_iter().map(|row| Spending {
        person: row.person,
        spent_minor: row.spent_minor,
        limit: row.set_by.zip(row.created_at).map(|(set_by, created_at)| Limit {
            minor: row.limit_minor,
            set_by,
            created_at,
        }),
    });
    Ok(spending.collect())
}

/// Notes what refused work of a member wanted: the least counts, and one from before `stale` counts no more.
pub(crate) async fn note_want(
    connection: &mut PgConnection,
    want: &MemberWant,
    now: DateTime<Utc>,
    stale: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_member_wants (tenant_id, person_id, measure, wanted_minor, since)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, person_id, measure) do update
         set wanted_minor = case when credit_member_wants.since < $6 then excluded.wanted_minor
                 else least(credit_member_wants.wanted_minor, excluded.wanted_minor) end,
             since = case when credit_member_wants.since < $6 then excluded.since else credit_member_wants.since end",
        want.tenant.uuid(),
        want.person.uuid(),
        want.measure as Measure,
        want.wanted_minor,
        now,
        stale,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What refused work of these tenants' members wanted, where it was noted after `stale`.
pub(crate) async fn wants(
    connection: &mut PgConnection,
    tenants: &[TenantId],
    stale: DateTime<Utc>,
) -> Result<Vec<MemberWant>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_as!(
        MemberWant,
        r#"select tenant_id as "tenant: TenantId", person_id as "person: PersonId", measure as "measure: Measure", wanted_minor
         from credit_member_wants
         where tenant_id = any($1) and since >= $2
         order by tenant_id, person_id
         limit $3"#,
        &tenants,
        stale,
        MEMBERS_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Forgets what a tenant's members wanted: it is tried again.
pub(crate) async fn forget_wants(connection: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from credit_member_wants where tenant_id = $1", tenant.uuid())
        .execute(connection)
        .await?;
    Ok(())
}
