//! Leases: one holder at a time, among all nodes, until a time. Rows, not advisory locks, so that any PostgreSQL
//! (pooled, sharded, replicated) can keep them.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Takes or renews the lease `name` for `holder`; false where somebody else holds it.
///
/// # Errors
/// Whatever the database says.
pub async fn take(
    connection: &mut PgConnection,
    name: &str,
    holder: Uuid,
    now: DateTime<Utc>,
    length: TimeDelta,
) -> Result<bool, sqlx::Error> {
    // Not a checked query: the lease table must exist before the migrations that the checker knows.
    let taken = sqlx::query(
        "insert into leases (name, holder, expires_at)
         values ($1, $2, $3)
         on conflict (name) do update
         set holder = excluded.holder, expires_at = excluded.expires_at
         where leases.holder = excluded.holder or leases.expires_at <= $4",
    )
    .bind(name)
    .bind(holder)
    .bind(now + length)
    .bind(now)
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Gives the lease back early.
///
/// # Errors
/// Whatever the database says.
pub async fn release(connection: &mut PgConnection, name: &str, holder: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("delete from leases where name = $1 and holder = $2")
        .bind(name)
        .bind(holder)
        .execute(connection)
        .await?;
    Ok(())
}
