//! Keys by which providers are called.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PersonId, ProviderKeyId};
use uuid::Uuid;

/// A key that was not ended.
#[derive(Debug)]
pub(crate) struct Living {
    pub id: ProviderKeyId,
    pub name: String,
    pub sealed: Vec<u8>,
    pub tail: String,
    pub enabled: bool,
    pub added_by: PersonId,
    pub added_at: DateTime<Utc>,
}

/// A key that is added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New<'a> {
    pub id: ProviderKeyId,
    pub name: &'a str,
    pub sealed: &'a [u8],
    pub tail: &'a str,
    pub by: PersonId,
}

/// The keys in the order in which they are tried.
pub(crate) async fn living(connection: &mut PgConnection, limit: i64) -> Result<Vec<Living>, sqlx::Error> {
    sqlx::query_as!(
        Living,
        r#"select id as "id: ProviderKeyId", name, sealed, tail, enabled, added_by as "added_by: PersonId", added_at
         from provider_keys
         where ended_at is null
         order by rank, id
         limit $1"#,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Locks the living keys; gives them by id.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<ProviderKeyId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select id as "id: ProviderKeyId"
         from provider_keys
         where ended_at is null
         order by id
         limit $1
         for update"#,
        limit,
    )
    .fetch_all(connection)
    .await
}

/// Adds a key behind those that are there.
pub(crate) async fn add(
    connection: &mut PgConnection,
    new: &New<'_>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into provider_keys (id, provider, name, sealed, tail, rank, enabled, added_by, added_at)
         select $1, 'bhashini', $2, $3, $4, coalesce(max(rank), 0) + 1, true, $5, $6
         from provider_keys
         where ended_at is null",
        new.id.uuid(),
        new.name,
        new.sealed,
        new.tail,
        new.by.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Turns a living key on or off; whether there is one.
pub(crate) async fn set_enabled(
    connection: &mut PgConnection,
    id: ProviderKeyId,
    enabled: bool,
) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query!(
        "update provider_keys
         set enabled = $2
         where id = $1 and ended_at is null",
        id.uuid(),
        enabled,
    )
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Ranks the keys as they stand here.
pub(crate) async fn order(connection: &mut PgConnection, ids: &[ProviderKeyId]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    sqlx::query!(
        "update provider_keys
         set rank = ordered.place::integer
         from unnest($1::uuid[]) with ordinality as ordered (id, place)
         where provider_keys.id = ordered.id and ended_at is null",
        &ids,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a living key and drops what was sealed; whether there is one.
pub(crate) async fn end(
    connection: &mut PgConnection,
    id: ProviderKeyId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "update provider_keys
         set ended_at = $2, sealed = '', enabled = false
         where id = $1 and ended_at is null",
        id.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Locks the living keys as they are sealed.
pub(crate) async fn lock_sealed(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<(ProviderKeyId, Vec<u8>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id: ProviderKeyId", sealed
         from provider_keys
         where ended_at is null
         order by id
         limit $1
         for update"#,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.sealed)).collect())
}

/// Keeps the same key under another master key.
pub(crate) async fn set_sealed(
    connection: &mut PgConnection,
    id: ProviderKeyId,
    sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!("update provider_keys set sealed = $2 where id = $1", id.uuid(), sealed)
        .execute(connection)
        .await?;
    Ok(())
}

/// How sealed keys begin, and how many so.
pub(crate) async fn heads_of_sealed(
    connection: &mut PgConnection,
) -> Result<Vec<(Vec<u8>, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select substring(sealed for 5) as "head!", count(*) as "count!"
         from provider_keys
         where ended_at is null
         group by 1
         limit 100"#,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.head, row.count)).collect())
}

/// How many living keys there are, and how many of them are on.
pub(crate) async fn count(connection: &mut PgConnection) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "all!", count(*) filter (where enabled) as "on!"
         from provider_keys
         where ended_at is null"#,
    )
    .fetch_one(connection)
    .await?;
    Ok((row.all, row.on))
}
