//! People's pictures of themselves, sealed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::PersonId;

/// Keeps a picture in place of the one before.
pub(crate) async fn set(
    connection: &mut PgConnection,
    person: PersonId,
    name: &str,
    jpeg_sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into pictures (person_id, name, jpeg_sealed, set_at)
         values ($1, $2, $3, $4)
         on conflict (person_id) do update
         set name = excluded.name, jpeg_sealed = excluded.jpeg_sealed, jpeg = null, set_at = excluded.set_at",
        person.uuid(),
        name,
        jpeg_sealed,
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
    let picture = sqlx::query_scalar!(
        r#"select jpeg_sealed as "jpeg_sealed!" from pictures where person_id = $1 and jpeg_sealed is not null"#,
        person.uuid(),
    );
    picture.fetch_optional(connection).await
}

/// The picture of this name and whose it is, where that is the viewer or somebody in one of the viewer's businesses.
pub(crate) async fn by_name(
    connection: &mut PgConnection,
    name: &str,
    viewer: PersonId,
) -> Result<Option<(PersonId, Vec<u8>)>, sqlx::Error> {
    let picture = sqlx::query!(
        r#"select person_id as "person_id: PersonId", jpeg_sealed as "jpeg_sealed!"
         from pictures
         where name = $1
             and jpeg_sealed is not null
             and (
                 person_id = $2
                 or exists (
                     select 1 from members as own
                     join members as theirs on theirs.tenant_id = own.tenant_id
                     where own.person_id = $2 and theirs.person_id = pictures.person_id
                 )
             )"#,
        name,
        viewer.uuid(),
    );
    Ok(picture.fetch_optional(connection).await?.map(|row| (row.person_id, row.jpeg_sealed)))
}
