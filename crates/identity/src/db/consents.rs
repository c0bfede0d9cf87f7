//! To what people and guests agreed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::consent::{Consenter, Decision, Purpose, Stand};

/// Writes what somebody said, once for each line of `whose`: an id, and a person or a guest. Where the newest says the same, nothing.
pub(crate) async fn say(
    connection: &mut PgConnection,
    whose: &[(Uuid, Consenter)],
    purpose: Purpose,
    said: &Decision,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = whose.iter().map(|(id, _)| *id).collect();
    let people: Vec<Option<Uuid>> = whose.iter().map(|(_, whose)| whose.person()).collect();
    let guests: Vec<Option<Uuid>> = whose.iter().map(|(_, whose)| whose.guest()).collect();
    sqlx::query!(
        "insert into consents (id, person_id, guest_id, purpose, given, notice, language, at, by_guardian)
         select new.id, new.person_id, new.guest_id, $4, $5, $6, $7, $8, $9
         from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as new (id, person_id, guest_id)
         where not exists (
             select from (
                 select old.given, old.notice, old.by_guardian from consents as old
                 where (old.person_id = new.person_id or old.guest_id = new.guest_id) and old.purpose = $4
                 order by old.id desc
                 limit 1
             ) as newest
             where newest.given = $5 and newest.by_guardian = $9 and (not newest.given or newest.notice = $6)
         )",
        &ids,
        &people as &[Option<Uuid>],
        &guests as &[Option<Uuid>],
        purpose as Purpose,
        said.given,
        purpose.notice(),
        said.language.code(),
        at,
        said.by_guardian,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What stands for each purpose: of one person, or the newest of several guests.
pub(crate) async fn standing(
    connection: &mut PgConnection,
    person: Option<Uuid>,
    guests: &[Uuid],
) -> Result<Vec<Stand>, sqlx::Error> {
    sqlx::query_as!(
        Stand,
        r#"select distinct on (purpose) purpose as "purpose: Purpose", given, notice, at, by_guardian
         from consents
         where person_id = $1 or guest_id = any($2)
         order by purpose, id desc"#,
        person,
        guests,
    )
    .fetch_all(connection)
    .await
}

/// Whether somebody agrees to this now, on the wording that counts.
pub(crate) async fn agrees(
    connection: &mut PgConnection,
    whose: Consenter,
    purpose: Purpose,
) -> Result<bool, sqlx::Error> {
    let agrees = sqlx::query_scalar!(
        r#"select (given and notice = $4) as "agrees!"
         from consents
         where (person_id = $1 or guest_id = $2) and purpose = $3
         order by id desc
         limit 1"#,
        whose.person(),
        whose.guest(),
        purpose as Purpose,
        purpose.notice(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(agrees.unwrap_or(false))
}

/// Deletes up to `limit` that were said before this time and count no more: a newer one stands, or a guest's visit is long over. Gives
/// their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from consents
         where id in (
             select old.id from consents as old
             where old.at < $1 and (
                 old.guest_id is not null
                 or exists (
                     select 1 from consents as newer
                     where newer.person_id = old.person_id and newer.purpose = old.purpose and newer.id > old.id
                 )
             )
             order by old.at
             limit $2
         )",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
