//! Numbers of orders, gapless within a stall: the counter's row is locked until the order stands or never was.

use sqlx::PgConnection;
use types::TenantId;

/// The number of the stall's next order.
pub(crate) async fn next(connection: &mut PgConnection, tenant: TenantId) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into order_counters (tenant_id, orders)
         values ($1, 1)
         on conflict (tenant_id) do update
         set orders = order_counters.orders + 1
         returning orders",
        tenant.uuid(),
    )
    .fetch_one(connection)
    .await
}
