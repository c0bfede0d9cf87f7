//! People and their businesses.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{Language, PersonId, TenantId};
use uuid::Uuid;

use crate::person::Vendor;
use crate::{Person, PhoneNumber};

/// What sign-in needs to know of a person.
pub(crate) struct Keeper {
    pub person: Person,
    pub password_hash: String,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    keeper: &Keeper,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let person = &keeper.person;
    if let Some(tenant) = person.tenant {
        sqlx::query!("insert into tenants (id, opened_at) values ($1, $2)", tenant.uuid(), now)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query!(
        "insert into people
             (id, tenant_id, phone, name, language, password_hash, operator, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        person.id.uuid(),
        person.tenant.map(TenantId::uuid),
        person.phone.as_str(),
        person.name,
        person.language.code(),
        keeper.password_hash,
        person.operator,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn by_phone(
    connection: &mut PgConnection,
    phone: &PhoneNumber,
) -> Result<Option<Keeper>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: PersonId", tenant_id as "tenant: TenantId", phone as "phone: PhoneNumber", name,
             language as "language: Language", password_hash, operator
         from people
         where phone = $1"#,
        phone.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Keeper {
        person: Person {
            id: row.id,
            name: row.name,
            phone: row.phone,
            language: row.language,
            tenant: row.tenant,
            operator: row.operator,
        },
        password_hash: row.password_hash,
    }))
}

/// Changes what is given and leaves the rest.
pub(crate) async fn change(
    connection: &mut PgConnection,
    person: PersonId,
    name: Option<&str>,
    language: Option<Language>,
    now: DateTime<Utc>,
) -> Result<Person, sqlx::Error> {
    sqlx::query_as!(
        Person,
        r#"update people
         set name = coalesce($2, name), language = coalesce($3, language), updated_at = $4
         where id = $1
         returning id as "id: PersonId", name, phone as "phone: PhoneNumber", language as "language: Language",
             tenant_id as "tenant: TenantId", operator"#,
        person.uuid(),
        name,
        language.map(Language::code),
        now,
    )
    .fetch_one(connection)
    .await
}

/// Gives or takes the operator's rights; none where nobody has this number.
pub(crate) async fn set_operator(
    connection: &mut PgConnection,
    phone: &PhoneNumber,
    operator: bool,
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update people
         set operator = $2, updated_at = $3
         where phone = $1
         returning id as "id: PersonId""#,
        phone.as_str(),
        operator,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// A page of people who sell, the newest business first.
pub(crate) async fn vendors(
    connection: &mut PgConnection,
    query: PageQuery,
) -> Result<Vec<Vendor>, sqlx::Error> {
    sqlx::query_as!(
        Vendor,
        r#"select tenant_id as "tenant!: TenantId", name, phone as "phone: PhoneNumber"
         from people
         where tenant_id < $1
         order by tenant_id desc
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
        r#"select tenant_id as "tenant!: TenantId", name, phone as "phone: PhoneNumber"
         from people
         where tenant_id = any($1)
         limit 1000"#,
        &tenants,
    )
    .fetch_all(connection)
    .await
}
