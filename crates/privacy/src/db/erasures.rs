//! Erasures of accounts.

use chrono::{DateTime, Utc};
use platform::personal::Obstacle;
use sqlx::PgConnection;
use types::{PersonId, TenantId};
use uuid::Uuid;

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(crate) enum State {
    /// It waits for its day.
    Asked,
    /// The account was kept.
    Kept,
    /// It has begun.
    Running,
    /// It is done.
    Done,
}

/// An erasure.
#[derive(Debug, Clone)]
pub(crate) struct Erasure {
    pub person: PersonId,
    pub state: State,
    pub asked_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub businesses: Vec<TenantId>,
}

pub(crate) async fn insert(
    connection: &mut PgConnection,
    id: Uuid,
    person: PersonId,
    (asked_at, due_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into erasures (id, person_id, state, asked_at, due_at) values ($1, $2, 'asked', $3, $4)",
        id,
        person.uuid(),
        asked_at,
        due_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The erasure of a person that waits or runs.
pub(crate) async fn open_of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<Erasure>, sqlx::Error> {
    sqlx::query_as!(
        Erasure,
        r#"select person_id as "person: PersonId", state as "state: State", asked_at, due_at,
             businesses as "businesses: Vec<TenantId>"
         from erasures
         where person_id = $1 and state in ('asked', 'running')"#,
        person.uuid(),
    )
    .fetch_optional(connection)
    .await
}

/// Locks an erasure.
pub(crate) async fn lock(connection: &mut PgConnection, id: Uuid) -> Result<Option<Erasure>, sqlx::Error> {
    sqlx::query_as!(
        Erasure,
        r#"select person_id as "person: PersonId", state as "state: State", asked_at, due_at,
             businesses as "businesses: Vec<TenantId>"
         from erasures
         where id = $1
         for update"#,
        id,
    )
    .fetch_optional(connection)
    .await
}

/// Calls a person's erasure off; false where none waits.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query!(
        "update erasures set state = 'kept', ended_at = $2 where person_id = $1 and state = 'asked'",
        person.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Notes what stands in the way.
pub(crate) async fn wait(
    connection: &mut PgConnection,
    id: Uuid,
    obstacles: &[Obstacle],
) -> Result<(), sqlx::Error> {
    let names: Vec<String> = obstacles.iter().map(|obstacle| format!("{obstacle:?}")).collect();
    sqlx::query!("update erasures set waits_for = $2 where id = $1", id, &names).execute(connection).await?;
    Ok(())
}

/// Notes that it has begun, and which businesses end with it.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    id: Uuid,
    businesses: &[TenantId],
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = businesses.iter().map(|tenant| tenant.uuid()).collect();
    sqlx::query!(
        "update erasures set state = 'running', waits_for = '{}', businesses = $2 where id = $1",
        id,
        &businesses,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that it is done; false where that was noted before.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update erasures set state = 'done', ended_at = $2 where id = $1 and state = 'running'",
        id,
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}
