//! Failed sign-ins of the current hour.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::throttle::{Subjects, WINDOW};

/// How many failures are counted against one subject.
pub(crate) struct Count {
    pub subject: Vec<u8>,
    pub failures: i32,
    pub window_ends_at: DateTime<Utc>,
}

/// Counts a failure against each of these; an hour that is over begins again.
pub(crate) async fn count(
    connection: &mut PgConnection,
    subjects: &[[u8; 32]],
    now: DateTime<Utc>,
) -> Result<Vec<Count>, sqlx::Error> {
    let subjects: Vec<Vec<u8>> = subjects.iter().map(|subject| subject.to_vec()).collect();
    sqlx::query_as!(
        Count,
        "insert into sign_in_failures as counted (subject, failures, window_ends_at)
         select subject, 1, $2
         from unnest($1::bytea[]) as subject
         order by subject
         on conflict (subject) do update
         set failures = case when counted.window_ends_at <= $3 then 1 else counted.failures + 1 end,
             window_ends_at = case when counted.window_ends_at <= $3 then $2 else counted.window_ends_at end
         returning subject, failures, window_ends_at",
        &subjects,
        now + WINDOW,
        now,
    )
    .fetch_all(connection)
    .await
}

/// The password or code was right: the account's failures are forgotten and the one counted ahead for the network is taken back.
pub(crate) async fn forgive(connection: &mut PgConnection, subjects: Subjects) -> Result<(), sqlx::Error> {
    let (account, network) = (subjects.account.to_vec(), subjects.network.to_vec());
    sqlx::query!(
        "with locked as (
             select subject from sign_in_failures
             where subject in ($1, $2)
             order by subject
             for update
         )
         update sign_in_failures
         set failures = case when subject = $1 then 0 else greatest(failures - 1, 0) end
         where subject in (select subject from locked)",
        account,
        network,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes up to `limit` rows whose hour is over; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from sign_in_failures
         where subject in (
             select subject from sign_in_failures
             where window_ends_at <= $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
