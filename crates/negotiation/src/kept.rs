//! How much of what was said is kept.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use platform::kept::{Keeper, Kept, Kind};
use types::TenantId;

use crate::Negotiation;
use crate::db::recordings;

/// Only what its speaker keeps counts; what waits to be heard lies there for the recogniser's sake.
#[async_trait]
impl Keeper for Negotiation {
    fn kind(&self) -> Kind {
        Kind::Recordings
    }

    async fn kept_at(
        &self,
        moment: DateTime<Utc>,
        after: Option<TenantId>,
        limit: i64,
    ) -> Result<Vec<Kept>, sqlx::Error> {
        recordings::kept_at(&mut *self.db.acquire().await?, moment, after, limit).await
    }
}
