//! What of a vendor's money is held back, and until when.
//!
//! The end of a sale's hold is written beside its payment when it is taken in, so that terms that change later leave it alone. What is held
//! now is computed from those few rows whose time is not over, less what of them went back; nothing has to be moved in the books
//! when a hold ends, and the books stay the one place that says what is owed.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::PgConnection;
use types::{Money, TenantId};
use utoipa::ToSchema;

use crate::db::paying_out::{holds, terms};
use crate::{Error, Payments};

/// The longest that money is held back, in days.
pub(crate) const DAYS_MAX: i16 = 90;
/// Releases that a wallet shows at most.
pub(crate) const RELEASES_MAX: usize = 100;

/// Money that is held and becomes available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Release {
    /// When.
    pub at: DateTime<Utc>,
    /// How much.
    pub amount: Money,
}

/// What is held of a vendor's money: the next releases first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Held {
    pub minor: i64,
    pub releases: Vec<Release>,
}

impl Payments {
    /// Until when the money of a sale that is taken in now is held back.
    pub(crate) async fn held_until(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<DateTime<Utc>, Error> {
        let days = terms::hold_days(connection, tenant).await?.unwrap_or(self.payouts.hold_days);
        Ok(self.clock.now() + TimeDelta::days(days.into()))
    }

    /// What is held of a vendor's money now.
    pub(crate) async fn held(&self, connection: &mut PgConnection, tenant: TenantId) -> Result<Held, Error> {
        let rows = holds::of_tenant(connection, tenant, self.clock.now()).await?;
        let minor = rows.iter().map(|row| row.amount.minor()).sum();
        Ok(Held { minor, releases: rows })
    }

    /// What of a vendor's money could be paid out now, in paise: below zero where they owe, or would once what is held went back.
    pub(super) async fn available_minor(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<i64, Error> {
        let owed = self.owed_to(connection, tenant).await?.minor();
        Ok(owed.saturating_sub(self.held(connection, tenant).await?.minor))
    }
}
