//! Socket tickets.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{SessionId, TenantId};

use crate::Subscriber;
use crate::ticket::Holder;

pub(crate) async fn issue(
    connection: &mut PgConnection,
    ticket_hash: &[u8; 32],
    holder: Holder,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into socket_tickets (ticket_hash, tenant_id, subscriber_id, session_id, expires_at)
         values ($1, $2, $3, $4, $5)",
        ticket_hash.as_slice(),
        holder.subscriber.tenant().uuid(),
        holder.subscriber.key(),
        holder.session.map(SessionId::uuid),
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a ticket up; none where it was used, is too old or was never given out.
pub(crate) async fn redeem(
    connection: &mut PgConnection,
    ticket_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Holder>, sqlx::Error> {
    let row = sqlx::query!(
        r#"delete from socket_tickets
         where ticket_hash = $1 and expires_at > $2
         returning tenant_id as "tenant: TenantId", subscriber_id, session_id as "session: SessionId""#,
        ticket_hash.as_slice(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Holder {
        subscriber: Subscriber::from_key(row.tenant, row.subscriber_id),
        session: row.session,
    }))
}

/// Deletes up to `limit` tickets that are too old; gives their number.
pub(crate) async fn purge(
    connection: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from socket_tickets
         where ticket_hash in (
             select ticket_hash from socket_tickets
             where expires_at <= $1
             limit $2
         )",
        now,
        limit,
    )
    .execute(connection)
    .await?;
    Ok(purged.rows_affected())
}
