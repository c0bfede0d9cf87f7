//! What a vendor's plan allows.

use async_trait::async_trait;
use platform::entitlement::{Entitlements, Quota};
use sqlx::PgConnection;
use types::TenantId;

use crate::db::subscribing::subscriptions;
use crate::plans::Plans;

#[async_trait]
impl Entitlements for Plans {
    async fn allowed(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        quota: Quota,
    ) -> Result<Option<i64>, sqlx::Error> {
        match quota {
            Quota::Products => subscriptions::products_max(connection, tenant).await.map(Some),
        }
    }
}
