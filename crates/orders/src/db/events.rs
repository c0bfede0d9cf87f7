//! The timeline.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{OrderId, TenantId};

use crate::order::{OrderState, Reason};
use crate::view::TimelineStep;

pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
    step: &TimelineStep,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into order_events (tenant_id, order_id, seq, state, reason, at)
         select $1, $2, coalesce(max(seq), 0) + 1, $3, $4, $5
         from order_events
         where tenant_id = $1 and order_id = $2",
        tenant.uuid(),
        order.uuid(),
        step.state as OrderState,
        step.reason as Option<Reason>,
        step.at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What has become of an order, oldest first.
pub(crate) async fn of_order(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<TimelineStep>, sqlx::Error> {
    sqlx::query_as!(
        TimelineStep,
        r#"select state as "state: OrderState", at as "at: DateTime<Utc>", reason as "reason: Reason"
         from order_events
         where tenant_id = $1 and order_id = $2
         order by seq
         limit 20"#,
        tenant.uuid(),
        order.uuid(),
    )
    .fetch_all(connection)
    .await
}
