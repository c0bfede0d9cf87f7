//! Short messages on their way, and those whose code still works.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Language, PersonId, TextId};

use crate::PhoneNumber;
use crate::text::{Channel, Purpose, Text};

/// What is kept of a message's secrets.
pub(crate) struct Secrets {
    pub ticket_hash: Option<[u8; 32]>,
    pub code_hash: Option<[u8; 32]>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    text: &Text,
    secrets: &Secrets,
    guesses: i16,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into texts (id, kind, person_id, phone, language, channel, ticket_hash, code_hash, guesses_left, invitation_hash, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        text.id.uuid(),
        text.purpose as Purpose,
        text.person.map(PersonId::uuid),
        text.phone.as_str(),
        text.language.code(),
        text.channel as Channel,
        secrets.ticket_hash.as_ref().map(<[u8; 32]>::as_slice),
        secrets.code_hash.as_ref().map(<[u8; 32]>::as_slice),
        guesses,
        text.invitation.as_deref(),
        text.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A message that was not sent yet.
pub(crate) async fn waiting(
    connection: &mut PgConnection,
    text: TextId,
) -> Result<Option<Text>, sqlx::Error> {
    sqlx::query_as!(
        Text,
        r#"select id as "id: TextId", kind as "purpose: Purpose", person_id as "person: PersonId",
             phone as "phone: PhoneNumber", language as "language: Language", channel as "channel: Channel",
             invitation_hash as invitation, expires_at
         from texts
         where id = $1 and sent_at is null"#,
        text.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// A message was sent: one that nobody answers has nothing more to do.
pub(crate) async fn sent(
    connection: &mut PgConnection,
    text: TextId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from texts where id = $1 and ticket_hash is null", text.uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update texts set sent_at = $2 where id = $1", text.uuid(), now).execute(connection).await?;
    Ok(())
}

/// The message whose ticket this is, while its code works.
pub(crate) async fn by_ticket(
    connection: &mut PgConnection,
    ticket_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Text>, sqlx::Error> {
    sqlx::query_as!(
        Text,
        r#"select id as "id: TextId", kind as "purpose: Purpose", person_id as "person: PersonId",
             phone as "phone: PhoneNumber", language as "language: Language", channel as "channel: Channel",
             invitation_hash as invitation, expires_at
         from texts
         where ticket_hash = $1 and expires_at > $2"#,
        ticket_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// What a guess is looked at with.
pub(crate) struct Guess {
    /// The hash of the code; none where no code is right.
    pub code_hash: Option<Vec<u8>>,
}

/// Uses a guess up. None where no guess is left.
pub(crate) async fn guess(connection: &mut PgConnection, text: TextId) -> Result<Option<Guess>, sqlx::Error> {
    sqlx::query_as!(
        Guess,
        "update texts set guesses_left = guesses_left - 1 where id = $1 and guesses_left > 0 returning code_hash",
        text.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Uses a code up; whether it was there.
pub(crate) async fn spend(connection: &mut PgConnection, text: TextId) -> Result<bool, sqlx::Error> {
    let spent = sqlx::query!("delete from texts where id = $1", text.uuid()).execute(connection).await?;
    Ok(spent.rows_affected() > 0)
}

/// Ends every code that went to a number, and those of a person to whatever number.
pub(crate) async fn end_codes(
    connection: &mut PgConnection,
    person: Option<PersonId>,
    phone: Option<&PhoneNumber>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from texts where ticket_hash is not null and (person_id = $1 or phone = $2)",
        person.map(PersonId::uuid),
        phone.map(PhoneNumber::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes up to `limit` whose time is over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from texts
         where id in (
             select id from texts
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
