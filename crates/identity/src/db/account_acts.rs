//! What happened to accounts.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use types::{AccountActId, PersonId};
use uuid::Uuid;

use crate::account_log::{AccountAct, Deed};

/// Keeps what was done to somebody's account; nothing where there is nobody.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    person: Option<PersonId>,
    act: &AccountAct,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into account_acts (person_id, id, act, device, at)
         select id, $2, $3, $4, $5
         from people
         where id = $1",
        person.map_or(Uuid::nil(), PersonId::uuid),
        act.id.uuid(),
        act.act as Deed,
        act.device,
        act.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A page of what happened to somebody's account, newest first.
pub(crate) async fn page(
    connection: &mut PgConnection,
    person: PersonId,
    query: PageQuery,
) -> Result<Vec<AccountAct>, sqlx::Error> {
    sqlx::query_as!(
        AccountAct,
        r#"select id as "id: AccountActId", act as "act: Deed", device, at
         from account_acts
         where person_id = $1 and id < $2
         order by id desc
         limit $3"#,
        person.uuid(),
        query.before(),
        query.rows(),
    )
    .fetch_all(connection)
    .await
}

/// Deletes up to `limit` records from before this time; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from account_acts
         where (person_id, id) in (select person_id, id from account_acts where at < $1 order by at limit $2)",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
