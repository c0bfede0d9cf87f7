//! What a vendor may have: hard limits that a plan sets.
//!
//! The trait stands here because contexts that do not know of plans ask it; `billing` implements it and `app` wires it. It is asked
//! in the transaction that would go past a limit.

use async_trait::async_trait;
use sqlx::PgConnection;
use types::TenantId;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quota {
    /// Products on the shelf.
    Products,
}

/// Tells how much of something a vendor may have.
#[async_trait]
pub trait Entitlements: Send + Sync + std::fmt::Debug {
    /// So much at most; none: without end.
    ///
    /// # Errors
    /// Whatever the database says.
    async fn allowed(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        quota: Quota,
    ) -> Result<Option<i64>, sqlx::Error>;
}

/// An installation without plans: everything is allowed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unlimited;

#[async_trait]
impl Entitlements for Unlimited {
    async fn allowed(
        &self,
        _connection: &mut PgConnection,
        _tenant: TenantId,
        _quota: Quota,
    ) -> Result<Option<i64>, sqlx::Error> {
        Ok(None)
    }
}
