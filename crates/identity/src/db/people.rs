//! People and their businesses.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Language, PersonId, TenantId};
use uuid::Uuid;

use crate::person::Vendor;
use crate::{EmailAddress, Handle, Person, PhoneNumber, TimeZone};

/// What sign-in needs to know of a person.
pub(crate) struct Keeper {
    pub person: Person,
    pub password_hash: String,
}

/// A new person, who works for nobody yet and runs nothing.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    keeper: &Keeper,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let person = &keeper.person;
    sqlx::query!(
        "insert into people (id, phone, email, name, language, password_hash, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
        person.id.uuid(),
        person.phone.as_ref().map(PhoneNumber::as_str),
        person.email.as_ref().map(EmailAddress::as_str),
        person.name,
        person.language.code(),
        keeper.password_hash,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn by_handle(
    connection: &mut PgConnection,
    handle: &Handle,
) -> Result<Option<Keeper>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: PersonId", tenant_id as "tenant: TenantId", phone as "phone: PhoneNumber",
             email as "email: EmailAddress", name, language as "language: Language",
             time_zone as "time_zone: TimeZone", password_hash, operator
         from people
         where phone = $1 or email = $2"#,
        handle.phone().map(PhoneNumber::as_str),
        handle.email().map(EmailAddress::as_str),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Keeper {
        person: Person {
            id: row.id,
            name: row.name,
            phone: row.phone,
            email: row.email,
            language: row.language,
            time_zone: row.time_zone,
            tenant: row.tenant,
            operator: row.operator,
        },
        password_hash: row.password_hash,
    }))
}

pub(crate) async fn by_id(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<Person>, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"select id as "id: PersonId", name, phone as "phone: PhoneNumber", email as "email: EmailAddress",
             language as "language: Language", time_zone as "time_zone: TimeZone", tenant_id as "tenant: TenantId", operator
         from people
         where id = $1"#,
        person.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// What to change of a person.
pub(crate) struct Change<'a> {
    pub name: Option<&'a str>,
    pub language: Option<Language>,
    pub time_zone: Option<TimeZone>,
}

/// Changes what is given and leaves the rest.
pub(crate) async fn change(
    connection: &mut PgConnection,
    person: PersonId,
    change: Change<'_>,
    now: DateTime<Utc>,
) -> Result<Person, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"update people
         set name = coalesce($2, name), language = coalesce($3, language), time_zone = coalesce($4, time_zone), updated_at = $5
         where id = $1
         returning id as "id: PersonId", name, phone as "phone: PhoneNumber", email as "email: EmailAddress",
             language as "language: Language", time_zone as "time_zone: TimeZone", tenant_id as "tenant: TenantId", operator"#,
        person.uuid(),
        change.name,
        change.language.map(Language::code),
        change.time_zone.map(TimeZone::name),
        now,
    )
    .fetch_one(connection)
    .await
}

/// Keeps another address.
pub(crate) async fn set_email(
    connection: &mut PgConnection,
    person: PersonId,
    email: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update people set email = $2, updated_at = $3 where id = $1",
        person.uuid(),
        email.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps another password hash.
pub(crate) async fn set_password(
    connection: &mut PgConnection,
    person: PersonId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update people set password_hash = $2, updated_at = $3 where id = $1",
        person.uuid(),
        password_hash,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The names of these people, in no order.
pub(crate) async fn names(
    connection: &mut PgConnection,
    people: &[PersonId],
) -> Result<Vec<(PersonId, String)>, sqlx::Error> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: PersonId", name
         from people
         where id = any($1)
         limit 1000"#,
        &people,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Which business a person's next session is for.
pub(crate) async fn set_business(
    connection: &mut PgConnection,
    person: PersonId,
    tenant: Option<TenantId>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update people set tenant_id = $2, updated_at = $3 where id = $1",
        person.uuid(),
        tenant.map(TenantId::uuid),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of businesses with the owner of longest standing, the newest business first.
pub(crate) async fn vendors(
    connection: &mut PgConnection,
    query: PageQuery,
) -> Result<Vec<Vendor>, sqlx::Error> {
    sqlx::query_as!(
        Vendor,
        r#"select tenants.id as "tenant: TenantId", people.name, people.phone as "phone: PhoneNumber",
             people.email as "email: EmailAddress"
         from tenants
         cross join lateral (
             select person_id from members
             where tenant_id = tenants.id and role = 'owner'
             order by joined_at, person_id
             limit 1
         ) as first
         join people on people.id = first.person_id
         where tenants.id < $1
         order by tenants.id desc
         limit $2"#,
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn vendors_of(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<Vec<Vendor>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query_as!(
        Vendor,
        r#"select tenants.id as "tenant: TenantId", people.name, people.phone as "phone: PhoneNumber",
             people.email as "email: EmailAddress"
         from tenants
         cross join lateral (
             select person_id from members
             where tenant_id = tenants.id and role = 'owner'
             order by joined_at, person_id
             limit 1
         ) as first
         join people on people.id = first.person_id
         where tenants.id = any($1)
         limit 1000"#,
        &tenants,
    )
    .fetch_all(connection)
    .await
}
