//! Accounts as operators see them, and their locks.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Language, PersonId};

use crate::accounts::{AccountFound, AccountSession};
use crate::role::OperatorRole;
use crate::session::{IDLE_MAX, PER_PERSON_MAX};
use crate::{EmailAddress, Handle, PhoneNumber};

struct Row {
    id: PersonId,
    name: String,
    phone: Option<PhoneNumber>,
    email: Option<EmailAddress>,
    language: Language,
    opened_at: DateTime<Utc>,
    locked_at: Option<DateTime<Utc>>,
    operator_role: Option<OperatorRole>,
}

impl From<Row> for AccountFound {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            phone: row.phone,
            email: row.email,
            language: row.language,
            opened_at: row.opened_at,
            locked_at: row.locked_at,
            operator_role: row.operator_role,
            businesses: Vec::new(),
            sessions: Vec::new(),
        }
    }
}

/// People with this number or address, or whose name begins so; erased accounts are nobody.
pub(crate) async fn find(
    connection: &mut PgConnection,
    name: &str,
    handle: Option<&Handle>,
    limit: i64,
) -> Result<Vec<AccountFound>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: PersonId", name, phone as "phone: PhoneNumber", email as "email: EmailAddress",
             language as "language: Language", created_at as opened_at, locked_at, operator_role as "operator_role: OperatorRole"
         from people
         where erased_at is null
             and (
                 phone = $2
                 or email = $3
                 or $2::text is null and $3::text is null and lower(name) like lower(replace(replace(replace($1, '\', '\\'), '%', '\%'), '_', '\_')) || '%'
             )
         order by lower(name), id
         limit $4"#,
        name,
        handle.and_then(Handle::phone).map(PhoneNumber::as_str),
        handle.and_then(Handle::email).map(EmailAddress::as_str),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(AccountFound::from).collect())
}

/// The devices of a person that are signed in, last used first.
pub(crate) async fn sessions(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Vec<AccountSession>, sqlx::Error> {
    sqlx::query_as!(
        AccountSession,
        "select device, created_at as began_at, last_seen_at as seen_at
         from sessions
         where person_id = $1 and expires_at > $2 and last_seen_at > $3
         order by last_seen_at desc, id
         limit $4",
        person.uuid(),
        now,
        now - IDLE_MAX,
        PER_PERSON_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Locks somebody out at this time, or lets them in; none where there is no such person.
pub(crate) async fn set_locked(
    connection: &mut PgConnection,
    person: PersonId,
    at: Option<DateTime<Utc>>,
) -> Result<Option<AccountFound>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"update people
         set locked_at = case when $2::timestamptz is null then null else coalesce(locked_at, $2) end
         where id = $1 and erased_at is null
         returning id as "id: PersonId", name, phone as "phone: PhoneNumber", email as "email: EmailAddress",
             language as "language: Language", created_at as opened_at, locked_at, operator_role as "operator_role: OperatorRole""#,
        person.uuid(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(AccountFound::from))
}

/// Closes an account for good.
pub(crate) async fn close(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update people set locked_at = coalesce(locked_at, $2), erased_at = coalesce(erased_at, $2) where id = $1",
        person.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends every session of a person, and every sign-in that waits for a code.
pub(crate) async fn end_sessions(connection: &mut PgConnection, person: PersonId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from half_sign_ins where person_id = $1", person.uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("delete from sessions where person_id = $1", person.uuid()).execute(connection).await?;
    Ok(())
}
