//! Accounts as operators see them, and their locks.

use chrono::{DateTime, Utc};
use platform::fields::Fields;
use sqlx::PgConnection;
use types::{Language, PersonId};
use uuid::Uuid;

use super::private::{self, Sealed, indexes};
use crate::Handle;
use crate::accounts::{AccountFound, AccountSession};
use crate::role::OperatorRole;
use crate::session::{IDLE_MAX, PER_PERSON_MAX};

/// So many names a search looks through, the newest accounts first: an older one is found by its number or address.
const NAMES_MAX: i64 = 50_000;
/// Names that are read at a time.
const NAMES_READ: i64 = 1000;

/// An account as the row has it.
struct Row {
    id: PersonId,
    name: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    language: Language,
    opened_at: DateTime<Utc>,
    locked_at: Option<DateTime<Utc>>,
    operator_role: Option<OperatorRole>,
}

impl Row {
    fn open(self, fields: &Fields) -> Result<AccountFound, sqlx::Error> {
        let sealed = Sealed { name: self.name, phone: self.phone, email: self.email };
        let known = sealed.open(fields, self.id)?;
        Ok(AccountFound {
            id: self.id,
            name: known.name,
            phone: known.phone,
            email: known.email,
            language: self.language,
            opened_at: self.opened_at,
            locked_at: self.locked_at,
            operator_role: self.operator_role,
            businesses: Vec::new(),
            sessions: Vec::new(),
        })
    }
}

/// Whose number or address this is, or these people; erased accounts are nobody.
pub(crate) async fn find(
    connection: &mut PgConnection,
    fields: &Fields,
    handle: Option<&Handle>,
    people: &[PersonId],
) -> Result<Vec<AccountFound>, sqlx::Error> {
    let (phone, email) = handle.map(|handle| indexes(fields, handle)).unwrap_or_default();
    let people: Vec<Uuid> = people.iter().map(|person| person.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: PersonId", name_sealed as name, phone_sealed as phone, email_sealed as email,
             language as "language: Language", created_at as opened_at, locked_at, operator_role as "operator_role: OperatorRole"
         from people
         where erased_at is null and (phone_index = $1 or email_index = $2 or id = any($3))
         limit 100"#,
        phone,
        email,
        &people,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| row.open(fields)).collect()
}

/// People whose name begins so, in whatever letters, at most `limit`, by name. There is no index of names, which would tell how often
/// each comes: they are opened one by one.
pub(crate) async fn named(
    connection: &mut PgConnection,
    fields: &Fields,
    name: &str,
    limit: usize,
) -> Result<Vec<PersonId>, sqlx::Error> {
    let begins = name.to_lowercase();
    let mut found: Vec<(String, PersonId)> = Vec::new();
    let (mut before, mut looked_through): (Option<Uuid>, i64) = (None, 0);
    while looked_through < NAMES_MAX {
        let rows = sqlx::query!(
            r#"select id as "id: PersonId", name_sealed as name
             from people
             where erased_at is null and ($1::uuid is null or id < $1)
             order by id desc
             limit $2"#,
            before,
            NAMES_READ,
        )
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = rows.last() else { break };
        before = Some(last.id.uuid());
        looked_through += NAMES_READ;
        for row in &rows {
            let name = private::name(fields, row.id, row.name.as_deref())?.to_lowercase();
            if name.starts_with(&begins) {
                found.push((name, row.id));
            }
        }
        found.sort();
        found.truncate(limit);
    }
    Ok(found.into_iter().map(|(_, person)| person).collect())
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
    fields: &Fields,
    person: PersonId,
    at: Option<DateTime<Utc>>,
) -> Result<Option<AccountFound>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"update people
         set locked_at = case when $2::timestamptz is null then null else coalesce(locked_at, $2) end
         where id = $1 and erased_at is null
         returning id as "id: PersonId", name_sealed as name, phone_sealed as phone, email_sealed as email,
             language as "language: Language", created_at as opened_at, locked_at, operator_role as "operator_role: OperatorRole""#,
        person.uuid(),
        at,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.open(fields)).transpose()
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
