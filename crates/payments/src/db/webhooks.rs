//! What gateways told us.

use chrono::{DateTime, Utc};
use platform::page::PageQuery;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::webhook::{WebhookEvent, WebhookState};

/// A webhook to be stored.
pub(crate) struct New<'a> {
    pub id: Uuid,
    pub gateway: &'a str,
    pub event_id: &'a str,
    pub event: &'a str,
    pub body: &'a [u8],
    pub signature: &'a str,
}

/// Stores a webhook; false where the gateway's event is known already.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    new: &New<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into webhook_events
             (id, gateway, event_id, event, body, signature, state, received_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, 'received', $7, $7)
         on conflict on constraint webhook_events_once do nothing",
        new.id,
        new.gateway,
        new.event_id,
        new.event,
        new.body,
        new.signature,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The gateway of a webhook, its signed bytes, and where it stands.
pub(crate) async fn body(
    connection: &mut PgConnection,
    id: Uuid,
) -> Result<Option<(String, Vec<u8>, WebhookState)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select gateway, body, state as "state: WebhookState" from webhook_events where id = $1"#,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.gateway, row.body, row.state)))
}

/// Writes what came of a webhook.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    id: Uuid,
    state: WebhookState,
    note: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update webhook_events
         set state = $2, note = $3, updated_at = $4
         where id = $1",
        id,
        state as WebhookState,
        note,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a webhook back to be worked on, and notes who wanted it and why.
pub(crate) async fn replay(
    connection: &mut PgConnection,
    id: Uuid,
    audit: &str,
    now: DateTime<Utc>,
) -> Result<Option<WebhookEvent>, sqlx::Error> {
    sqlx::query_as!(
        WebhookEvent,
        r#"update webhook_events
         set state = 'received', updated_at = $3, replays = concat_ws('; ', replays, $2::text)
         where id = $1
         returning id, event, state as "state: WebhookState", received_at,
             nullif(concat_ws('; ', note, replays), '') as note"#,
        id,
        audit,
        now,
    )
    .fetch_optional(connection)
    .await
}

/// A page of webhooks, newest first.
pub(crate) async fn list(
    connection: &mut PgConnection,
    state: Option<WebhookState>,
    query: PageQuery,
) -> Result<Vec<WebhookEvent>, sqlx::Error> {
    sqlx::query_as!(
        WebhookEvent,
        r#"select id, event, state as "state: WebhookState", received_at,
             nullif(concat_ws('; ', note, replays), '') as note
         from webhook_events
         where id < $1 and ($2::text is null or state = $2)
         order by id desc
         limit $3"#,
        query.before(),
        state.map(WebhookState::as_str),
        query.rows(),
    )
    .fetch_all(connection)
    .await
}

/// Deletes up to `limit` webhooks that came before a time; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from webhook_events
         where id in (
             select id from webhook_events
             where received_at < $1
             order by received_at
             limit $2
         )",
        before,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
