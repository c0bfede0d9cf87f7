//! Copies of people's data.

use chrono::{DateTime, Utc};
use platform::personal::Subject;
use serde_json::Value;
use sqlx::PgConnection;
use types::{GuestId, PersonId};
use uuid::Uuid;

use crate::export::{Export, ExportState, Whose};

/// Copies of one subject that are looked at: they are purged long before there are more.
const OF_ONE_MAX: i64 = 1_000;

/// A copy that is to be made.
pub(crate) struct Wanted {
    pub key: String,
    pub person: Option<PersonId>,
    pub visits: Option<Value>,
    pub state: ExportState,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: Uuid,
    key: &str,
    whose: &Whose,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let guests: Vec<Uuid> = whose.guests().into_iter().map(GuestId::uuid).collect();
    let visits = whose.visits().map(serde_json::to_value).transpose();
    sqlx::query!(
        "insert into data_exports (id, key, person_id, guest_ids, visits, state, asked_at)
         values ($1, $2, $3, $4, $5, 'asked', $6)",
        id,
        key,
        whose.person_id().map(PersonId::uuid),
        &guests,
        visits.map_err(|error| sqlx::Error::Encode(error.into()))?,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest copies of a person or a phone.
pub(crate) async fn of(
    connection: &mut PgConnection,
    whose: &Whose,
    limit: i64,
) -> Result<Vec<Export>, sqlx::Error> {
    let guests: Vec<Uuid> = whose.guests().into_iter().map(GuestId::uuid).collect();
    sqlx::query_as!(
        Export,
        r#"select key, state as "state: ExportState", asked_at, expires_at, bytes, whole
         from data_exports
         where person_id = $1 or guest_ids && $2
         order by id desc
         limit $3"#,
        whose.person_id().map(PersonId::uuid),
        &guests,
        limit,
    )
    .fetch_all(connection)
    .await
}

pub(crate) async fn wanted(connection: &mut PgConnection, id: Uuid) -> Result<Option<Wanted>, sqlx::Error> {
    sqlx::query_as!(
        Wanted,
        r#"select key, person_id as "person: PersonId", visits, state as "state: ExportState"
         from data_exports
         where id = $1"#,
        id,
    )
    .fetch_optional(connection)
    .await
}

/// Notes that a copy can be fetched; false where it is gone.
pub(crate) async fn ready(
    connection: &mut PgConnection,
    id: Uuid,
    (bytes, whole): (i64, bool),
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, sqlx::Error> {
    let set = sqlx::query!(
        "update data_exports
         set state = 'ready', bytes = $2, whole = $3, ready_at = $4, expires_at = $5
         where id = $1 and state = 'asked'",
        id,
        bytes,
        whole,
        now,
        until,
    )
    .execute(connection)
    .await?;
    Ok(set.rows_affected() == 1)
}

/// The names of the files of somebody's copies.
pub(crate) async fn keys_of(
    connection: &mut PgConnection,
    subject: &Subject,
) -> Result<Vec<String>, sqlx::Error> {
    let guests: Vec<Uuid> = subject.visits.iter().map(|(.., guest)| guest.uuid()).collect();
    sqlx::query_scalar!(
        "select key from data_exports where person_id = $1 or guest_ids && $2 order by id limit $3",
        subject.person.map(PersonId::uuid),
        &guests,
        OF_ONE_MAX,
    )
    .fetch_all(connection)
    .await
}

/// Copies whose day is over and whose file is still there.
pub(crate) async fn expired(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select id, key from data_exports where state = 'ready' and expires_at <= $1 order by expires_at limit $2",
        now,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.key)).collect())
}

/// Which of these files belong to a copy that can be fetched.
pub(crate) async fn referred_to(
    connection: &mut PgConnection,
    keys: &[String],
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select key from data_exports where key = any($1) and state in ('asked', 'ready') order by id limit 1000",
        keys,
    )
    .fetch_all(connection)
    .await
}

/// Notes that a copy's file is gone.
pub(crate) async fn over(connection: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update data_exports set state = 'over' where id = $1", id).execute(connection).await?;
    Ok(())
}

/// Deletes up to `limit` rows of copies that were asked for before `before`; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from data_exports
         where id in (select id from data_exports where state <> 'ready' and asked_at <= $1 limit $2)",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
