//! Businesses, their members and what was done about them.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{PersonId, TeamActId, TenantId};

use crate::business::Business;
use crate::role::Role;
use crate::team::{Act, Member, NewAct, TeamAct};
use crate::{EmailAddress, PhoneNumber};

/// Opens a business without members.
pub(crate) async fn open(
    connection: &mut PgConnection,
    tenant: TenantId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("insert into tenants (id, name, opened_at) values ($1, $2, $3)", tenant.uuid(), name, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Locks a business against other changes of its members; gives its name.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select name from tenants where id = $1 for no key update", tenant.uuid())
        .fetch_optional(connection)
        .await
}

pub(crate) async fn name(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select name from tenants where id = $1", tenant.uuid())
        .fetch_optional(connection)
        .await
}

/// Whether a business lets in only those who give a code when they sign in.
pub(crate) async fn requires_factor(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<bool, sqlx::Error> {
    let required =
        sqlx::query_scalar!("select second_factor_required from tenants where id = $1", tenant.uuid())
            .fetch_optional(connection)
            .await?;
    Ok(required.unwrap_or_default())
}

pub(crate) async fn require_factor(
    connection: &mut PgConnection,
    tenant: TenantId,
    required: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update tenants set second_factor_required = $2 where id = $1", tenant.uuid(), required)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn rename(
    connection: &mut PgConnection,
    tenant: TenantId,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update tenants set name = $2 where id = $1", tenant.uuid(), name)
        .execute(connection)
        .await?;
    Ok(())
}

/// What a person is in a business.
pub(crate) async fn role(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
) -> Result<Option<Role>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select role as "role: Role" from members where tenant_id = $1 and person_id = $2"#,
        tenant.uuid(),
        person.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// How many owners a business has.
pub(crate) async fn owners(connection: &mut PgConnection, tenant: TenantId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from members where tenant_id = $1 and role = 'owner'"#,
        tenant.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// How many members a business has and might get by open invitations.
pub(crate) async fn size(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select (select count(*) from members where tenant_id = $1)
             + (select count(*) from invitations where tenant_id = $1 and ended_by is null and expires_at > $2) as "size!""#,
        tenant.uuid(),
        now,
    )
    .fetch_one(connection)
    .await
}

/// Adds a member; false where the person was one.
pub(crate) async fn add(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
    role: Role,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "insert into members (tenant_id, person_id, role, joined_at)
         values ($1, $2, $3, $4)
         on conflict do nothing",
        tenant.uuid(),
        person.uuid(),
        role as Role,
        now,
    )
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

pub(crate) async fn set_role(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
    role: Role,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update members set role = $3 where tenant_id = $1 and person_id = $2",
        tenant.uuid(),
        person.uuid(),
        role as Role,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn remove(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from members where tenant_id = $1 and person_id = $2", tenant.uuid(), person.uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// The members of a business, in the order in which they joined.
pub(crate) async fn of(
    connection: &mut PgConnection,
    tenant: TenantId,
    limit: i64,
) -> Result<Vec<Member>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select members.person_id as "person: PersonId", people.name, people.phone as "phone: PhoneNumber",
             people.email as "email: EmailAddress", pictures.name as "picture?", role as "role: Role", joined_at
         from members
         join people on people.id = members.person_id
         left join pictures on pictures.person_id = members.person_id
         where members.tenant_id = $1
         order by joined_at, members.person_id
         limit $2"#,
        tenant.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let members = rows.into_iter().map(|row| Member {
        person_id: row.person,
        name: row.name,
        phone: row.phone,
        email: row.email,
        picture: row.picture,
        role: row.role,
        joined_at: row.joined_at,
    });
    Ok(members.collect())
}

/// The businesses of a person, in the order in which the person joined them.
pub(crate) async fn businesses(
    connection: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Business>, sqlx::Error> {
    sqlx::query_as!(
        Business,
        r#"select members.tenant_id as "tenant_id: TenantId", tenants.name, members.role as "role: Role"
         from members
         join tenants on tenants.id = members.tenant_id
         where members.person_id = $1
         order by members.joined_at, members.tenant_id
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Keeps what was done.
pub(crate) async fn note(
    connection: &mut PgConnection,
    id: TeamActId,
    done: &NewAct,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into team_acts (tenant_id, id, act, by_person_id, person_id, role, at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        done.tenant.uuid(),
        id.uuid(),
        done.act as Act,
        done.by.uuid(),
        done.person.map(PersonId::uuid),
        done.role as Option<Role>,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of what was done about the members of a business, newest first.
pub(crate) async fn acts(
    connection: &mut PgConnection,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<TeamAct>, sqlx::Error> {
    sqlx::query_as!(
        TeamAct,
        r#"select team_acts.id as "id: TeamActId", act as "act: Act", at, actor.name as by, concerned.name as "person?",
             role as "role: Role"
         from team_acts
         join people as actor on actor.id = by_person_id
         left join people as concerned on concerned.id = person_id
         where team_acts.tenant_id = $1 and team_acts.id < $2
         order by team_acts.id desc
         limit $3"#,
        tenant.uuid(),
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await
}
