//! Sign-ins that wait for a code.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::PersonId;

pub(crate) async fn open(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    person: PersonId,
    ends_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into half_sign_ins (token_hash, person_id, expires_at) values ($1, $2, $3)",
        token_hash.as_slice(),
        person.uuid(),
        ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Whose sign-in it is, where it still waits.
pub(crate) async fn find(
    connection: &mut PgConnection,
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<PersonId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select person_id as "person: PersonId" from half_sign_ins where token_hash = $1 and expires_at > $2"#,
        token_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// Ends one; whether it was there.
pub(crate) async fn close(connection: &mut PgConnection, token_hash: &[u8; 32]) -> Result<bool, sqlx::Error> {
    let closed = sqlx::query!("delete from half_sign_ins where token_hash = $1", token_hash.as_slice())
        .execute(connection)
        .await?;
    Ok(closed.rows_affected() > 0)
}

/// Ends all of a person.
pub(crate) async fn close_all(connection: &mut PgConnection, person: PersonId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from half_sign_ins where person_id = $1", person.uuid()).execute(connection).await?;
    Ok(())
}

/// Deletes up to `limit` that are over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from half_sign_ins
         where token_hash in (
             select token_hash from half_sign_ins
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
