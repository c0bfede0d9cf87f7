//! Tokens of programs that act as a person: a generation a row, under their session, whose row is locked first.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PersonId, SessionId};

use crate::app_token::{Family, Generation, Hashes};
use crate::session::IDLE_MAX;

/// The hash under which the session is known whose program holds this living token.
pub(crate) async fn session_of(
    connection: &mut PgConnection,
    access_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select sessions.token_hash
         from app_tokens
         join sessions on sessions.id = app_tokens.session_id
         where access_hash = $1 and access_ends_at > $2",
        access_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await
}

/// The living session that a token to be exchanged belongs to, locked until the transaction ends.
pub(crate) async fn lock_family(
    connection: &mut PgConnection,
    refresh_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Family>, sqlx::Error> {
    sqlx::query_as!(
        Family,
        r#"select sessions.id as "session: SessionId", person_id as "person: PersonId", expires_at as ends_at
         from sessions
         join people on people.id = sessions.person_id
         where sessions.id = (select session_id from app_tokens where refresh_hash = $1)
             and expires_at > $2 and last_seen_at > $3 and people.locked_at is null
         for update of sessions"#,
        refresh_hash.as_slice(),
        now,
        now - IDLE_MAX,
    )
    .fetch_optional(connection)
    .await
}

/// The generation of a token to be exchanged, and how it stands to the newest.
pub(crate) async fn generation(
    connection: &mut PgConnection,
    session: SessionId,
    refresh_hash: &[u8; 32],
) -> Result<Option<Generation>, sqlx::Error> {
    sqlx::query_as!(
        Generation,
        r#"select generation as number, replaced_at, next_sealed,
             (select max(newest.generation) from app_tokens newest where newest.session_id = $1) as "newest!"
         from app_tokens
         where session_id = $1 and refresh_hash = $2"#,
        session.uuid(),
        refresh_hash.as_slice(),
    )
    .fetch_optional(connection)
    .await
}

/// Adds a generation.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    session: SessionId,
    generation: i32,
    hashes: &Hashes,
    access_ends_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into app_tokens (session_id, generation, refresh_hash, access_hash, access_ends_at)
         values ($1, $2, $3, $4, $5)",
        session.uuid(),
        generation,
        hashes.refresh.as_slice(),
        hashes.access.as_slice(),
        access_ends_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A generation was exchanged for the next. What those before it were exchanged for is forgotten, and generations before `oldest` go.
pub(crate) async fn replace(
    connection: &mut PgConnection,
    session: SessionId,
    generation: i32,
    next_sealed: &[u8],
    oldest: i32,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update app_tokens
         set replaced_at = coalesce(replaced_at, $4), next_sealed = case when generation = $2 then $3::bytea end
         where session_id = $1 and (generation = $2 or next_sealed is not null)",
        session.uuid(),
        generation,
        next_sealed,
        now,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from app_tokens where session_id = $1 and generation < $2", session.uuid(), oldest,)
        .execute(&mut *connection)
        .await?;
    sqlx::query!("update sessions set last_seen_at = $2 where id = $1", session.uuid(), now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets up to `limit` sealed answers that nobody can ask for any more; gives their number.
pub(crate) async fn forget_answers(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let forgotten = sqlx::query!(
        "update app_tokens
         set next_sealed = null
         where (session_id, generation) in (
             select session_id, generation
             from app_tokens
             where next_sealed is not null and replaced_at < $1
             limit $2
         )",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(forgotten.rows_affected())
}
