//! Letters on their way, and those whose link still works.

use chrono::{DateTime, Utc};
use platform::fields::{Column, Fields};
use sqlx::PgConnection;
use types::{Language, LetterId, PersonId};

use super::private::email_index;
use crate::EmailAddress;
use crate::letter::{Letter, Purpose};

const ADDRESS: Column = Column::of("letters", "address");

/// A letter as the row has it.
struct Row {
    id: LetterId,
    purpose: Purpose,
    person: Option<PersonId>,
    address: Option<Vec<u8>>,
    language: Language,
    invitation: Option<Vec<u8>>,
    expires_at: DateTime<Utc>,
}

impl Row {
    fn open(self, fields: &Fields) -> Result<Letter, sqlx::Error> {
        let address = fields.read(ADDRESS, self.id, self.address.as_deref())?;
        Ok(Letter {
            id: self.id,
            purpose: self.purpose,
            person: self.person,
            address: address.ok_or(sqlx::Error::RowNotFound)?,
            language: self.language,
            invitation: self.invitation,
            expires_at: self.expires_at,
        })
    }
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    fields: &Fields,
    letter: &Letter,
    token_hash: Option<&[u8; 32]>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into letters
             (id, kind, person_id, address_sealed, address_index, language, token_hash, invitation_hash, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        letter.id.uuid(),
        letter.purpose as Purpose,
        letter.person.map(PersonId::uuid),
        fields.seal(ADDRESS, letter.id, letter.address.as_str()),
        email_index(fields, &letter.address),
        letter.language.code(),
        token_hash.map(<[u8; 32]>::as_slice),
        letter.invitation.as_deref(),
        letter.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A letter that was not sent yet.
pub(crate) async fn waiting(
    connection: &mut PgConnection,
    fields: &Fields,
    letter: LetterId,
) -> Result<Option<Letter>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: LetterId", kind as "purpose: Purpose", person_id as "person: PersonId",
             address_sealed as address, language as "language: Language", invitation_hash as invitation, expires_at
         from letters
         where id = $1 and sent_at is null"#,
        letter.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.open(fields)).transpose()
}

/// A letter was sent: one without a link has nothing more to do.
pub(crate) async fn sent(
    connection: &mut PgConnection,
    letter: LetterId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from letters where id = $1 and token_hash is null", letter.uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update letters set sent_at = $2 where id = $1", letter.uuid(), now)
        .execute(connection)
        .await?;
    Ok(())
}

/// The letter whose link this is, where it still works.
pub(crate) async fn by_token(
    connection: &mut PgConnection,
    fields: &Fields,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Letter>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: LetterId", kind as "purpose: Purpose", person_id as "person: PersonId",
             address_sealed as address, language as "language: Language", invitation_hash as invitation, expires_at
         from letters
         where token_hash = $1 and expires_at > $2"#,
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| row.open(fields)).transpose()
}

/// Uses a link up; whether it was there.
pub(crate) async fn spend(connection: &mut PgConnection, letter: LetterId) -> Result<bool, sqlx::Error> {
    let spent = sqlx::query!("delete from letters where id = $1", letter.uuid()).execute(connection).await?;
    Ok(spent.rows_affected() > 0)
}

/// Ends every link to an address, and those of a person to whatever address.
pub(crate) async fn end_links(
    connection: &mut PgConnection,
    fields: &Fields,
    person: Option<PersonId>,
    address: Option<&EmailAddress>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from letters where token_hash is not null and (person_id = $1 or address_index = $2)",
        person.map(PersonId::uuid),
        address.map(|address| email_index(fields, address)),
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
        "delete from letters
         where id in (
             select id from letters
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
