//! Teams inside a business. Whoever changes them has locked the business.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{CrewId, PersonId, TenantId};

use crate::crew::{CREWS_MAX, Crew};

/// `select` of living teams with their members; what follows is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            Crew,
            r#"select id as "id: CrewId", name, greets,
                 array(
                     select person_id from crew_members
                     where crew_members.tenant_id = crews.tenant_id and crew_id = crews.id
                     order by since, person_id
                     limit 50
                 ) as "members!: Vec<PersonId>"
             from crews
             where tenant_id = $1 and dissolved_at is null "# + $tail,
            $($argument),*
        )
    };
}

/// The teams of a business, the first formed first.
pub(crate) async fn of(connection: &mut PgConnection, tenant: TenantId) -> Result<Vec<Crew>, sqlx::Error> {
    select!("order by created_at, id limit $2", tenant.uuid(), CREWS_MAX).fetch_all(connection).await
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
) -> Result<Option<Crew>, sqlx::Error> {
    select!("and id = $2", tenant.uuid(), id.uuid()).fetch_optional(connection).await
}

pub(crate) async fn count(connection: &mut PgConnection, tenant: TenantId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from crews where tenant_id = $1 and dissolved_at is null"#,
        tenant.uuid(),
    )
    .fetch_one(connection)
    .await
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into crews (tenant_id, id, name, created_at) values ($1, $2, $3, $4)",
        tenant.uuid(),
        id.uuid(),
        name,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn rename(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update crews set name = $3 where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        name
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has no team of the business greet.
pub(crate) async fn relieve(connection: &mut PgConnection, tenant: TenantId) -> Result<(), sqlx::Error> {
    sqlx::query!("update crews set greets = false where tenant_id = $1 and greets", tenant.uuid())
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn greet(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update crews set greets = true where tenant_id = $1 and id = $2", tenant.uuid(), id.uuid())
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn dissolve(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update crews set dissolved_at = $3, greets = false where tenant_id = $1 and id = $2",
        tenant.uuid(),
        id.uuid(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from crew_members where tenant_id = $1 and crew_id = $2", tenant.uuid(), id.uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// Puts a member into a team; false where they are in it.
pub(crate) async fn add(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "insert into crew_members (tenant_id, crew_id, person_id, since)
         values ($1, $2, $3, $4)
         on conflict do nothing",
        tenant.uuid(),
        id.uuid(),
        person.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Takes a member out of a team; false where they are not in it.
pub(crate) async fn remove(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: CrewId,
    person: PersonId,
) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!(
        "delete from crew_members where tenant_id = $1 and crew_id = $2 and person_id = $3",
        tenant.uuid(),
        id.uuid(),
        person.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(removed.rows_affected() == 1)
}

pub(crate) async fn greeting(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<CrewId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: CrewId" from crews where tenant_id = $1 and greets"#,
        tenant.uuid()
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn of_member(
    connection: &mut PgConnection,
    tenant: TenantId,
    person: PersonId,
) -> Result<Vec<CrewId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select crew_id as "crew: CrewId" from crew_members where tenant_id = $1 and person_id = $2 limit $3"#,
        tenant.uuid(),
        person.uuid(),
        CREWS_MAX,
    )
    .fetch_all(connection)
    .await
}
