//! Who runs the installation.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::PersonId;

use crate::operators::Operator;
use crate::role::OperatorRole;
use crate::{EmailAddress, Handle, PhoneNumber};

/// So many people run an installation at most.
const OPERATORS_MAX: i64 = 500;

/// Locks everybody who runs the installation, in one order; gives who they are and what.
pub(crate) async fn lock(
    connection: &mut PgConnection,
) -> Result<Vec<(PersonId, OperatorRole)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: PersonId", operator_role as "role!: OperatorRole"
         from people
         where operator_role is not null
         order by id
         limit $1
         for no key update"#,
        OPERATORS_MAX,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.role)).collect())
}

pub(crate) async fn find(
    connection: &mut PgConnection,
    handle: &Handle,
) -> Result<Option<PersonId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: PersonId" from people where phone = $1 or email = $2"#,
        handle.phone().map(PhoneNumber::as_str),
        handle.email().map(EmailAddress::as_str),
    )
    .fetch_optional(connection)
    .await
}

/// Gives or takes the role, and keeps the act; none where there is no such person.
pub(crate) async fn set(
    connection: &mut PgConnection,
    person: PersonId,
    role: Option<OperatorRole>,
    act: &str,
    now: DateTime<Utc>,
) -> Result<Option<Operator>, sqlx::Error> {
    sqlx::query_as!(
        Operator,
        r#"update people
         set operator_role = $2, operator = $2::text is not null, operator_acts = concat_ws(E'\n', operator_acts, $3::text),
             updated_at = $4
         where id = $1
         returning id as "id: PersonId", name, phone as "phone: PhoneNumber", email as "email: EmailAddress",
             operator_role as "role: OperatorRole", operator_acts as acts"#,
        person.uuid(),
        role as Option<OperatorRole>,
        act,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// A page of the people who run the installation, the newest account first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    query: PageQuery,
) -> Result<Vec<Operator>, sqlx::Error> {
    sqlx::query_as!(
        Operator,
        r#"select id as "id: PersonId", name, phone as "phone: PhoneNumber", email as "email: EmailAddress",
             operator_role as "role: OperatorRole", operator_acts as acts
         from people
         where operator_role is not null and id < $1
         order by id desc
         limit $2"#,
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await
}
