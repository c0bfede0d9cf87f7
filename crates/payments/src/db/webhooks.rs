//! What gateways told us.

use chrono::{DateTime, Utc};
use platform::fields::Column;
use platform::page::PageQuery;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::intake::NewWebhook;
use crate::webhook::{WebhookEvent, WebhookState};

/// What a gateway told, byte for byte.
pub(crate) const BODY: Column = Column::of("webhook_events", "body");

/// Stores webhooks; gives those whose event was not known already.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    news: &[&NewWebhook],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let texts = |of: fn(&NewWebhook) -> &str| -> Vec<&str> { news.iter().map(|new| of(new)).collect() };
    sqlx::query_scalar!(
        "insert into webhook_events
             (id, gateway, event_id, event, body_sealed, signature, state, received_at, updated_at)
         select id, gateway, event_id, event, body, signature, 'received', $7, $7
         from unnest((select $1::uuid[]), $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[])
             as told (id, gateway, event_id, event, body, signature)
         on conflict on constraint webhook_events_once do nothing
         returning id",
        &news.iter().map(|new| new.id).collect::<Vec<_>>(),
        &texts(|new| &new.gateway) as &[&str],
        &texts(|new| &new.event_id) as &[&str],
        &texts(|new| &new.event) as &[&str],
        &news.iter().map(|new| &*new.body_sealed).collect::<Vec<_>>() as &[&[u8]],
        &texts(|new| &new.signature) as &[&str],
        now,
    )
    .fetch_all(connection)
    .await
}

/// The gateway of a webhook, its signed bytes, sealed, and where it stands.
pub(crate) async fn body(
    connection: &mut PgConnection,
    id: Uuid,
) -> Result<Option<(String, Vec<u8>, WebhookState)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select gateway, body_sealed as "body!", state as "state: WebhookState" from webhook_events where id = $1"#,
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
