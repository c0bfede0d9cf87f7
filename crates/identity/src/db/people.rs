//! People and their businesses.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Language, PersonId, TenantId};
use uuid::Uuid;

use super::private::{self, EMAIL, NAME, PHONE, Sealed, email_index, indexes, phone_index};
use crate::person::Vendor;
use crate::{EmailAddress, Handle, Person, TimeZone};

/// What sign-in needs to know of a person.
pub(crate) struct Keeper {
    pub person: Person,
    pub password_hash: String,
}

/// A person as the row has them.
struct Row {
    id: PersonId,
    name: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    language: Language,
    time_zone: TimeZone,
    tenant: Option<TenantId>,
    operator: bool,
}

impl Row {
    fn open(self, fields: &Fields) -> Result<Person, sqlx::Error> {
        let sealed = Sealed { name: self.name, phone: self.phone, email: self.email };
        let known = sealed.open(fields, self.id)?;
        Ok(Person {
            id: self.id,
            name: known.name,
            phone: known.phone,
            email: known.email,
            language: self.language,
            time_zone: self.time_zone,
            tenant: self.tenant,
            operator: self.operator,
        })
    }
}

/// A new person, who works for nobody yet and runs nothing.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    fields: &Fields,
    keeper: &Keeper,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let person = &keeper.person;
    let (phone, email) = (person.phone.as_ref(), person.email.as_ref());
    sqlx::query!(
        "insert into people
             (id, phone_sealed, phone_index, email_sealed, email_index, name_sealed, language, password_hash, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        person.id.uuid(),
        phone.map(|phone| fields.seal(PHONE, person.id, phone.as_str())),
        phone.map(|phone| phone_index(fields, phone)),
        email.map(|email| fields.seal(EMAIL, person.id, email.as_str())),
        email.map(|email| email_index(fields, email)),
        fields.seal(NAME, person.id, &person.name),
        person.language.code(),
        keeper.password_hash,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose number or address this is. It takes as long where it is nobody's.
pub(crate) async fn by_handle(
    connection: &mut PgConnection,
    fields: &Fields,
    handle: &Handle,
) -> Result<Option<Keeper>, sqlx::Error> {
    let (phone, email) = indexes(fields, handle);
    let found = sqlx::query!(
        r#"select id as "id: PersonId", tenant_id as "tenant: TenantId", name_sealed as name, phone_sealed as phone,
             email_sealed as email, language as "language: Language", time_zone as "time_zone: TimeZone", password_hash, operator
         from people
         where phone_index = $1 or email_index = $2"#,
        phone,
        email,
    )
    .fetch_optional(connection)
    .await?;
    let Some(found) = found else {
        // A name and a number, or an address, are opened where there is somebody.
        fields.open_nothing();
        fields.open_nothing();
        return Ok(None);
    };
    let row = Row {
        id: found.id,
        name: found.name,
        phone: found.phone,
        email: found.email,
        language: found.language,
        time_zone: found.time_zone,
        tenant: found.tenant,
        operator: found.operator,
    };
    Ok(Some(Keeper { person: row.open(fields)?, password_hash: found.password_hash }))
}

pub(crate) async fn by_id(
    connection: &mut PgConnection,
    fields: &Fields,
    person: PersonId,
) -> Result<Option<Person>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: PersonId", name_sealed as name, phone_sealed as phone, email_sealed as email,
             language as "language: Language", time_zone as "time_zone: TimeZone", tenant_id as "tenant: TenantId", operator
         from people
         where id = $1"#,
        person.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.open(fields)).transpose()
}

/// What its person alone sees of an account.
#[derive(Debug, Default)]
pub(crate) struct Own {
    /// Whether they showed that their number is theirs.
    pub phone_verified: bool,
    /// What their picture is called.
    pub picture: Option<String>,
}

pub(crate) async fn own(connection: &mut PgConnection, person: PersonId) -> Result<Own, sqlx::Error> {
    let found = sqlx::query_as!(
        Own,
        r#"select people.phone_verified_at is not null and people.phone_index is not null as "phone_verified!",
             pictures.name as "picture?"
         from people
         left join pictures on pictures.person_id = people.id
         where people.id = $1"#,
        person.uuid(),
    );
    Ok(found.fetch_optional(connection).await?.unwrap_or_default())
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
    fields: &Fields,
    person: PersonId,
    change: Change<'_>,
    now: DateTime<Utc>,
) -> Result<Person, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"update people
         set name_sealed = coalesce($2, name_sealed), language = coalesce($3, language), time_zone = coalesce($4, time_zone),
             updated_at = $5
         where id = $1
         returning id as "id: PersonId", name_sealed as name, phone_sealed as phone, email_sealed as email,
             language as "language: Language", time_zone as "time_zone: TimeZone", tenant_id as "tenant: TenantId", operator"#,
        person.uuid(),
        change.name.map(|name| fields.seal(NAME, person, name)),
        change.language.map(Language::code),
        change.time_zone.map(TimeZone::name),
        now,
    )
    .fetch_one(connection)
    .await?;
    row.open(fields)
}

/// Keeps another address.
pub(crate) async fn set_email(
    connection: &mut PgConnection,
    fields: &Fields,
    person: PersonId,
    email: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update people set email_sealed = $2, email_index = $3, updated_at = $4 where id = $1",
        person.uuid(),
        fields.seal(EMAIL, person, email.as_str()),
        email_index(fields, email),
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
    fields: &Fields,
    people: &[PersonId],
) -> Result<Vec<(PersonId, String)>, sqlx::Error> {
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let rows = sqlx::query!(
        r#"select id as "id: PersonId", name_sealed as name
         from people
         where id = any($1)
         limit 1000"#,
        &people,
    )
    .fetch_all(connection)
    .await?;
    let mut names = Vec::with_capacity(rows.len());
    for row in rows {
        names.push((row.id, private::name(fields, row.id, row.name.as_deref())?));
    }
    Ok(names)
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

/// The owner of longest standing of a business, as the row has them.
struct OwnerRow {
    tenant: TenantId,
    id: PersonId,
    name: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
}

impl OwnerRow {
    fn open(self, fields: &Fields) -> Result<Vendor, sqlx::Error> {
        let sealed = Sealed { name: self.name, phone: self.phone, email: self.email };
        let known = sealed.open(fields, self.id)?;
        Ok(Vendor { tenant: self.tenant, name: known.name, phone: known.phone, email: known.email })
    }
}

/// A page of businesses with the owner of longest standing, the newest business first.
pub(crate) async fn vendors(
    connection: &mut PgConnection,
    fields: &Fields,
    query: PageQuery,
) -> Result<Vec<Vendor>, sqlx::Error> {
    let rows = sqlx::query_as!(
        OwnerRow,
        r#"select tenants.id as "tenant: TenantId", people.id as "id: PersonId", people.name_sealed as name,
             people.phone_sealed as phone, people.email_sealed as email
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
    .await?;
    rows.into_iter().map(|row| row.open(fields)).collect()
}

pub(crate) async fn vendors_of(
    connection: &mut PgConnection,
    fields: &Fields,
    tenants: &[TenantId],
) -> Result<Vec<Vendor>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let rows = sqlx::query_as!(
        OwnerRow,
        r#"select tenants.id as "tenant: TenantId", people.id as "id: PersonId", people.name_sealed as name,
             people.phone_sealed as phone, people.email_sealed as email
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
    .await?;
    rows.into_iter().map(|row| row.open(fields)).collect()
}
