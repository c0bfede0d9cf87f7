//! People's pictures of themselves.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::PersonId;

/// Keeps a picture in place of the one before.
pub(crate) async fn set(
    connection: &mut PgConnection,
    person: PersonId,
    name: &str,
    jpeg: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into pictures (person_id, name, jpeg, set_at)
         values ($1, $2, $3, $4)
         on conflict (person_id) do update
         set name = excluded.name, jpeg = excluded.jpeg, set_at = excluded.set_at",
        person.uuid(),
        name,
        jpeg,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a person's picture; whether there was one.
pub(crate) async fn remove(connection: &mut PgConnection, person: PersonId) -> Result<bool, sqlx::Error> {
    let removed =
        sqlx::query!("delete from pictures where person_id = $1", person.uuid()).execute(connection).await?;
    Ok(removed.rows_affected() > 0)
}

/// A person's picture.
pub(crate) async fn of(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!("select jpeg from pictures where person_id = $1", person.uuid())
        .fetch_optional(connection)
        .await
}

/// The picture of this name, where it is the viewer's or that of somebody in one of the viewer's businesses.
pub(crate) async fn by_name(
    connection: &mut PgConnection,
    name: &str,
    viewer: PersonId,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select jpeg from pictures
         where name = $1
             and (
                 person_id = $2
                 or exists (
                     select 1 from members as own
                     join members as theirs on theirs.tenant_id = own.tenant_id
                     where own.person_id = $2 and theirs.person_id = pictures.person_id
                 )
             )",
        name,
        viewer.uuid(),
    )
    .fetch_optional(connection)
    .await
}
