//! Second factors and their recovery codes.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::PersonId;

use crate::recovery::CODES;

/// A person's second factor.
pub(crate) struct Factor {
    /// Sealed.
    pub secret: Vec<u8>,
    pub is_on: bool,
    pub last_step: i64,
}

/// Since when a person's second factor is on.
pub(crate) async fn since(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let since =
        sqlx::query_scalar!("select confirmed_at from second_factors where person_id = $1", person.uuid())
            .fetch_optional(connection)
            .await?;
    Ok(since.flatten())
}

/// Whether a person has a factor besides the password: codes of an app, or a passkey.
pub(crate) async fn has_any(connection: &mut PgConnection, person: PersonId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from second_factors where person_id = $1 and confirmed_at is not null)
             or exists (select from passkeys where person_id = $1) as "has!""#,
        person.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Locks all factors of a person: they are added and removed one after the other.
pub(crate) async fn lock_all(connection: &mut PgConnection, person: PersonId) -> Result<(), sqlx::Error> {
    sqlx::query!("select id from people where id = $1 for no key update", person.uuid())
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Deletes a person's recovery codes where there is nothing left that they stand in for.
pub(crate) async fn drop_codes_without_factor(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    if !has_any(connection, person).await? {
        sqlx::query!("delete from recovery_codes where person_id = $1", person.uuid())
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Keeps a secret in place of one that nobody confirmed; not where the factor is on.
pub(crate) async fn begin(
    connection: &mut PgConnection,
    person: PersonId,
    secret: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let begun = sqlx::query!(
        "insert into second_factors as before (person_id, secret, begun_at)
         values ($1, $2, $3)
         on conflict (person_id) do update
         set secret = $2, begun_at = $3, last_step = 0
         where before.confirmed_at is null",
        person.uuid(),
        secret,
        now,
    )
    .execute(connection)
    .await?;
    Ok(begun.rows_affected() > 0)
}

/// Locks a person's second factor: codes given at the same moment are looked at one after the other.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<Factor>, sqlx::Error> {
    sqlx::query_as!(
        Factor,
        r#"select secret, confirmed_at is not null as "is_on!", last_step
         from second_factors
         where person_id = $1
         for update"#,
        person.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn turn_on(
    connection: &mut PgConnection,
    person: PersonId,
    step: i64,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update second_factors set confirmed_at = $3, last_step = $2 where person_id = $1",
        person.uuid(),
        step,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a person's factor, and the recovery codes where they stand in for nothing else; whether it was on.
pub(crate) async fn turn_off(connection: &mut PgConnection, person: PersonId) -> Result<bool, sqlx::Error> {
    let was_on = sqlx::query_scalar!(
        r#"delete from second_factors where person_id = $1 returning confirmed_at is not null as "was_on!""#,
        person.uuid(),
    )
    .fetch_optional(&mut *connection)
    .await?;
    drop_codes_without_factor(connection, person).await?;
    Ok(was_on == Some(true))
}

pub(crate) async fn use_step(
    connection: &mut PgConnection,
    person: PersonId,
    step: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update second_factors set last_step = $2 where person_id = $1", person.uuid(), step)
        .execute(connection)
        .await?;
    Ok(())
}

/// Uses up a recovery code; whether there was one.
pub(crate) async fn use_code(
    connection: &mut PgConnection,
    person: PersonId,
    code_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query!(
        "update recovery_codes
         set used_at = $3
         where person_id = $1 and code_hash = $2 and used_at is null",
        person.uuid(),
        code_hash.as_slice(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(used.rows_affected() > 0)
}

/// Recovery codes that nobody used yet.
pub(crate) async fn codes_left(connection: &mut PgConnection, person: PersonId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "left!" from recovery_codes where person_id = $1 and used_at is null"#,
        person.uuid(),
    )
    .fetch_one(connection)
    .await
}

/// Keeps these recovery codes in place of all others.
pub(crate) async fn replace_codes(
    connection: &mut PgConnection,
    person: PersonId,
    hashes: &[Vec<u8>],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    assert!(hashes.len() == CODES, "ten codes are made at a time");
    sqlx::query!("delete from recovery_codes where person_id = $1", person.uuid())
        .execute(&mut *connection)
        .await?;
    sqlx::query!(
        "insert into recovery_codes (person_id, code_hash, made_at)
         select $1, code_hash, $3 from unnest($2::bytea[]) as code_hash",
        person.uuid(),
        hashes,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Secrets that are sealed with another key than the newest, after this person's, locked.
pub(crate) async fn sealed_otherwise(
    connection: &mut PgConnection,
    newest: &[u8; 5],
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<(PersonId, Vec<u8>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select person_id as "person: PersonId", secret
         from second_factors
         where substring(secret from 1 for 5) <> $1 and ($2::uuid is null or person_id > $2)
         order by person_id
         limit $3
         for no key update"#,
        newest.as_slice(),
        after.map(PersonId::uuid),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.person, row.secret)).collect())
}

/// The same secret, sealed with another key.
pub(crate) async fn set_sealed(
    connection: &mut PgConnection,
    person: PersonId,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!("update second_factors set secret = $2 where person_id = $1", person.uuid(), sealed)
        .execute(connection)
        .await?;
    Ok(())
}

/// The first bytes of the sealed secrets, and how many begin so.
pub(crate) async fn heads_of_sealed(
    connection: &mut PgConnection,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select substring(secret from 1 for 5) as "head!", count(*) as "count!"
         from second_factors
         group by 1
         order by 1
         limit 100"#,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.head, row.count)).collect())
}
