//! What vendors owed and paid from their credit.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{Money, PersonId, TenantId};
use uuid::Uuid;

use crate::credit::DebtSettlement;

/// What was paid under a client id; none where nothing was.
pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    client_id: Uuid,
) -> Result<Option<DebtSettlement>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select id, amount_minor, settled_at as "settled_at: DateTime<Utc>"
         from credit_settlements where tenant_id = $1 and client_id = $2"#,
        tenant.uuid(),
        client_id,
    );
    let row = row.fetch_optional(connection).await?;
    Ok(row.map(|row| DebtSettlement {
        id: row.id,
        amount: Money::inr(row.amount_minor),
        settled_at: row.settled_at,
    }))
}

/// Keeps what was paid under a client id.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    (tenant, by): (TenantId, PersonId),
    client_id: Uuid,
    settlement: &DebtSettlement,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into credit_settlements (tenant_id, id, client_id, amount_minor, settled_by, settled_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant.uuid(),
        settlement.id,
        client_id,
        settlement.amount.minor(),
        by.uuid(),
        settlement.settled_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}
