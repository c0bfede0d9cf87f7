//! How much is kept of what answered disputes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use platform::kept::{Keeper, Kept, Kind};
use types::TenantId;

use crate::Payments;
use crate::db::dispute_files;

/// The papers and photographs of an answer stay as long as its dispute is on record.
#[async_trait]
impl Keeper for Payments {
    fn kind(&self) -> Kind {
        Kind::Papers
    }

    async fn kept_at(
        &self,
        moment: DateTime<Utc>,
        after: Option<TenantId>,
        limit: i64,
    ) -> Result<Vec<Kept>, sqlx::Error> {
        dispute_files::kept_at(&mut *self.db.acquire().await?, moment, after, limit).await
    }
}
