//! Cards that gateways keep, and who vendors are there.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::{PaymentMethodId, TenantId};

use crate::gateway::Method;
use crate::method::{METHODS_MAX, PaymentMethod};

/// `select` of [`PaymentMethod`]s; what follows the table's name is the caller's.
macro_rules! select {
    ($tail:literal, $($argument:expr),* $(,)?) => {
        sqlx::query_as!(
            PaymentMethod,
            r#"select id as "id: PaymentMethodId", gateway, brand, last4, expires_month, expires_year, is_default, created_at,
                 gateway_method_id as at_gateway
             from payment_methods "# + $tail,
            $($argument),*
        )
    };
}

/// The cards that are kept for a vendor, the one that is used first at the top, then the newest.
pub(crate) async fn list(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<PaymentMethod>, sqlx::Error> {
    select!(
        "where tenant_id = $1 and removed_at is null
         order by is_default desc, id desc
         limit $2",
        tenant.uuid(),
        METHODS_MAX
    )
    .fetch_all(connection)
    .await
}

/// A card that is kept.
pub(crate) async fn find(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
) -> Result<Option<PaymentMethod>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2 and removed_at is null", tenant.uuid(), method.uuid())
        .fetch_optional(connection)
        .await
}

/// A card that is kept no longer.
pub(crate) async fn find_removed(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
) -> Result<Option<PaymentMethod>, sqlx::Error> {
    select!("where tenant_id = $1 and id = $2 and removed_at is not null", tenant.uuid(), method.uuid())
        .fetch_optional(connection)
        .await
}

/// Keeps a card; false where it is kept already, or was.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    tenant: TenantId,
    id: PaymentMethodId,
    gateway: &str,
    method: &Method,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into payment_methods
             (tenant_id, id, gateway, gateway_method_id, fingerprint, brand, last4, expires_month, expires_year, is_default,
              created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, $10)
         on conflict do nothing",
        tenant.uuid(),
        id.uuid(),
        gateway,
        method.id,
        method.fingerprint,
        method.brand,
        method.last4,
        method.expires_month,
        method.expires_year,
        now,
    )
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Has a card used first.
pub(crate) async fn set_default(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_methods set is_default = false where tenant_id = $1 and is_default and id <> $2",
        tenant.uuid(),
        method.uuid(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "update payment_methods set is_default = true where tenant_id = $1 and id = $2 and removed_at is null",
        tenant.uuid(),
        method.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Has the newest card used first where none is.
pub(crate) async fn choose_default(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update payment_methods
         set is_default = true
         where tenant_id = $1
             and id = (
                 select id from payment_methods
                 where tenant_id = $1 and removed_at is null
                 order by id desc
                 limit 1
             )
             and not exists (select from payment_methods where tenant_id = $1 and is_default)",
        tenant.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps a card no longer; false where it is not kept.
pub(crate) async fn remove(
    connection: &mut PgConnection,
    tenant: TenantId,
    method: PaymentMethodId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!(
        "update payment_methods
         set removed_at = $3, is_default = false
         where tenant_id = $1 and id = $2 and removed_at is null",
        tenant.uuid(),
        method.uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(removed.rows_affected() == 1)
}

/// Who a vendor is at a gateway.
pub(crate) async fn customer(
    connection: &mut PgConnection,
    tenant: TenantId,
    gateway: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select gateway_customer_id from gateway_customers where tenant_id = $1 and gateway = $2",
        tenant.uuid(),
        gateway,
    )
    .fetch_optional(connection)
    .await
}

/// Keeps who a vendor is at a gateway; who they are already, they stay.
pub(crate) async fn insert_customer(
    connection: &mut PgConnection,
    tenant: TenantId,
    (gateway, customer): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into gateway_customers (tenant_id, gateway, gateway_customer_id, created_at)
         values ($1, $2, $3, $4)
         on conflict do nothing",
        tenant.uuid(),
        gateway,
        customer,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
