//! Files of settlement lines that operators gave.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::PersonId;
use uuid::Uuid;

/// A file to be noted.
pub(crate) struct New<'a> {
    pub id: Uuid,
    pub gateway: &'a str,
    pub sha256: &'a str,
    pub lines: i32,
    pub added: i32,
    pub person: PersonId,
    pub reason: &'a str,
    pub at: DateTime<Utc>,
}

/// Notes a file; the same again stays noted as it was.
pub(crate) async fn insert(connection: &mut PgConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into settlement_files (id, gateway, sha256, lines, added, person_id, reason, received_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict on constraint settlement_files_once do nothing",
        new.id,
        new.gateway,
        new.sha256,
        new.lines,
        new.added,
        new.person.uuid(),
        new.reason,
        new.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
