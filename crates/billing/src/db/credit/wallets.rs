//! Wallets: what is below a paisa, and whether anything may be spent.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use types::TenantId;
use uuid::Uuid;

/// A tenant's wallet, locked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wallet {
    pub carry_micros: i64,
    pub frozen: bool,
    /// When less is available the credit is topped up by itself; none where it is not.
    pub recharge_below: Option<i64>,
}

/// Locks a tenant's wallet until the transaction ends; makes it where there is none.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<Wallet, sqlx::Error> {
    if let Some(wallet) = lock_existing(connection, tenant).await? {
        return Ok(wallet);
    }
    sqlx::query!(
        "insert into credit_wallets (tenant_id, created_at, updated_at)
         values ($1, $2, $2)
         on conflict (tenant_id) do nothing",
        tenant.uuid(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    lock_existing(connection, tenant).await?.ok_or(sqlx::Error::RowNotFound)
}

async fn lock_existing(
    connection: &mut PgConnection,
    tenant: TenantId,
) -> Result<Option<Wallet>, sqlx::Error> {
    sqlx::query_as!(
        Wallet,
        r#"select wallet.carry_micros, wallet.frozen, rule.below_minor as "recharge_below?"
         from credit_wallets as wallet
         left join credit_recharges as rule on rule.tenant_id = wallet.tenant_id and rule.is_on
         where wallet.tenant_id = $1
         for update of wallet"#,
        tenant.uuid(),
    )
    .fetch_optional(connection)
    .await
}

pub(crate) async fn set_carry(
    connection: &mut PgConnection,
    tenant: TenantId,
    carry_micros: i64,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_wallets set carry_micros = $2, updated_at = $3 where tenant_id = $1",
        tenant.uuid(),
        carry_micros,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stops or allows spending; who and why is added to what was kept before.
pub(crate) async fn set_frozen(
    connection: &mut PgConnection,
    tenant: TenantId,
    frozen: bool,
    act: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update credit_wallets
         set frozen = $2, acts = concat_ws(E'\\n', acts, $3::text), updated_at = $4
         where tenant_id = $1",
        tenant.uuid(),
        frozen,
        act,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these tenants may spend nothing.
pub(crate) async fn frozen(
    connection: &mut PgConnection,
    tenants: &[TenantId],
) -> Result<HashSet<TenantId>, sqlx::Error> {
    let tenants: Vec<Uuid> = tenants.iter().map(|tenant| tenant.uuid()).collect();
    let frozen = sqlx::query_scalar!(
        r#"select tenant_id as "tenant: TenantId" from credit_wallets where tenant_id = any($1) and frozen"#,
        &tenants,
    )
    .fetch_all(connection)
    .await?;
    Ok(frozen.into_iter().collect())
}
