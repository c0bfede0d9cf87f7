//! Passkeys, and the questions that browsers have yet to answer.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PasskeyId, PersonId};

use crate::passkey::{Kept, Passkey, Purpose, Question};

/// A passkey and whose it is.
pub(crate) struct Owned {
    pub id: PasskeyId,
    pub owner: PersonId,
    pub kept: Kept,
}

/// A person's passkeys, the newest first.
pub(crate) async fn of(
    connection: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Passkey>, sqlx::Error> {
    sqlx::query_as!(
        Passkey,
        r#"select id as "id: PasskeyId", name, added_at, used_at
         from passkeys
         where person_id = $1
         order by id desc
         limit $2"#,
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await
}

/// How many passkeys a person has.
pub(crate) async fn count(connection: &mut PgConnection, person: PersonId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from passkeys where person_id = $1"#, person.uuid())
        .fetch_one(connection)
        .await
}

/// What a person's devices call their passkeys, and how each is reached.
pub(crate) async fn credentials(
    connection: &mut PgConnection,
    person: PersonId,
    limit: i64,
) -> Result<Vec<(Vec<u8>, i16)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select credential, transports
         from passkeys
         where person_id = $1
         order by id
         limit $2",
        person.uuid(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.credential, row.transports)).collect())
}

/// Keeps a new passkey; not one that is kept already, whoever's it is.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    person: PersonId,
    passkey: &Passkey,
    kept: &Kept,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into passkeys (id, person_id, credential, name, fixed, moving, transports, added_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict on constraint passkeys_credential_once do nothing",
        passkey.id.uuid(),
        person.uuid(),
        kept.credential,
        passkey.name,
        kept.fixed,
        kept.moving,
        kept.transports,
        passkey.added_at,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Deletes a passkey where it is this person's; whether it was.
pub(crate) async fn remove(
    connection: &mut PgConnection,
    person: PersonId,
    id: PasskeyId,
) -> Result<bool, sqlx::Error> {
    let removed =
        sqlx::query!("delete from passkeys where id = $2 and person_id = $1", person.uuid(), id.uuid())
            .execute(connection)
            .await?;
    Ok(removed.rows_affected() > 0)
}

/// Locks a passkey: answers of the same moment are looked at one after the other.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    credential: &[u8],
) -> Result<Option<Owned>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id as "id: PasskeyId", person_id as "owner: PersonId", credential, fixed, moving, transports
         from passkeys
         where credential = $1
         for update"#,
        credential,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Owned {
        id: row.id,
        owner: row.owner,
        kept: Kept {
            credential: row.credential,
            fixed: row.fixed,
            moving: row.moving,
            transports: row.transports,
        },
    }))
}

pub(crate) async fn note_use(
    connection: &mut PgConnection,
    id: PasskeyId,
    moving: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update passkeys set moving = $2, used_at = $3 where id = $1", id.uuid(), moving, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps a question until it is answered or over.
pub(crate) async fn ask(
    connection: &mut PgConnection,
    question: &Question,
    purpose: Purpose,
    person: Option<PersonId>,
    ends_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into passkey_questions (challenge, purpose, person_id, state, expires_at)
         values ($1, $2, $3, $4, $5)",
        question.challenge.as_slice(),
        purpose as Purpose,
        person.map(PersonId::uuid),
        question.state,
        ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a question out; what its answer is checked against, where it was asked for this and of this person and still counts.
pub(crate) async fn take(
    connection: &mut PgConnection,
    challenge: &[u8; 16],
    purpose: Purpose,
    person: Option<PersonId>,
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "delete from passkey_questions
         where challenge = $1 and purpose = $2 and person_id is not distinct from $3 and expires_at > $4
         returning state",
        challenge.as_slice(),
        purpose as Purpose,
        person.map(PersonId::uuid),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Deletes up to `limit` questions that are over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from passkey_questions
         where challenge in (
             select challenge from passkey_questions
             where expires_at <= $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
