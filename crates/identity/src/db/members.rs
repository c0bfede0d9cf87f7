//! Businesses, their members and what was done about them.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{CrewId, PersonId, TeamActId, TenantId};

use super::private::{self, Sealed, seal_business};
use crate::business::Business;
use crate::role::Role;
use crate::team::{Act, Member, NewAct, TeamAct};

/// Opens a business without members.
pub(crate) async fn open(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into tenants (id, name_sealed, opened_at) values ($1, $2, $3)",
        tenant.uuid(),
        seal_business(fields, tenant, name),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a business against other changes of its members.
pub(crate) async fn lock(connection: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query!("select id from tenants where id = $1 for no key update", tenant.uuid())
        .fetch_optional(connection)
        .await?;
    Ok(())
}

pub(crate) async fn name(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
) -> Result<Option<String>, sqlx::Error> {
    let sealed = sqlx::query_scalar!("select name_sealed from tenants where id = $1", tenant.uuid())
        .fetch_optional(connection)
        .await?;
    sealed.map(|sealed| private::business(fields, tenant, sealed.as_deref())).transpose()
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
    fields: &Fields,
    tenant: TenantId,
    name: &str,
) -> Result<(), sqlx::Error> {
    let sealed = seal_business(fields, tenant, name);
    sqlx::query!("update tenants set name_sealed = $2 where id = $1", tenant.uuid(), sealed)
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
    fields: &Fields,
    tenant: TenantId,
    limit: i64,
) -> Result<Vec<Member>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select members.person_id as "person: PersonId", people.name_sealed as person_name,
             people.phone_sealed as phone, people.email_sealed as email, pictures.name as "picture?", role as "role: Role", joined_at
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
    let mut members = Vec::with_capacity(rows.len());
    for row in rows {
        let sealed = Sealed { name: row.person_name, phone: row.phone, email: row.email };
        let known = sealed.open(fields, row.person)?;
        members.push(Member {
            person_id: row.person,
            name: known.name,
            phone: known.phone,
            email: known.email,
            picture: row.picture,
            role: row.role,
            joined_at: row.joined_at,
        });
    }
    Ok(members)
}

/// The businesses of a person, in the order in which the person joined them.
pub(crate) async fn businesses(
    connection: &mut PgConnection,
    fields: &Fields,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Business>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select members.tenant_id as "tenant: TenantId", tenants.name_sealed as name, members.role as "role: Role"
         from members
         join tenants on tenants.id = members.tenant_id
         where members.person_id = $1
         order by members.joined_at, members.tenant_id
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let mut businesses = Vec::with_capacity(rows.len());
    for row in rows {
        let name = private::business(fields, row.tenant, row.name.as_deref())?;
        businesses.push(Business { tenant_id: row.tenant, name, role: row.role });
    }
    Ok(businesses)
}

/// Keeps what was done.
pub(crate) async fn note(
    connection: &mut PgConnection,
    id: TeamActId,
    done: &NewAct,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into team_acts (tenant_id, id, act, by_person_id, person_id, role, crew_id, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        done.tenant.uuid(),
        id.uuid(),
        done.act as Act,
        done.by.uuid(),
        done.person.map(PersonId::uuid),
        done.role as Option<Role>,
        done.crew.map(CrewId::uuid),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of what was done about the members of a business, newest first.
pub(crate) async fn acts(
    connection: &mut PgConnection,
    fields: &Fields,
    tenant: TenantId,
    query: PageQuery,
) -> Result<Vec<TeamAct>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select team_acts.id as "id: TeamActId", act as "act: Act", at, actor.id as "actor: PersonId", actor.name_sealed as by,
             concerned.id as "concerned?: PersonId", concerned.name_sealed as person, role as "role: Role",
             crews.name as "crew?"
         from team_acts
         join people as actor on actor.id = by_person_id
         left join people as concerned on concerned.id = person_id
         left join crews on crews.tenant_id = team_acts.tenant_id and crews.id = crew_id
         where team_acts.tenant_id = $1 and team_acts.id < $2
         order by team_acts.id desc
         limit $3"#,
        tenant.uuid(),
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await?;
    let mut acts = Vec::with_capacity(rows.len());
    for row in rows {
        let concerned = row.concerned.map(|id| private::name(fields, id, row.person.as_deref()));
        acts.push(TeamAct {
            id: row.id,
            act: row.act,
            at: row.at,
            by: private::name(fields, row.actor, row.by.as_deref())?,
            person: concerned.transpose()?,
            role: row.role,
            crew: row.crew,
        });
    }
    Ok(acts)
}
