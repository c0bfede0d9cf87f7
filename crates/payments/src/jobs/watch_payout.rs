//! Looks at the provider what became of a payout: a webhook may be lost.

use chrono::{DateTime, TimeDelta, Utc};
use platform::jobs::{Draft, Failure, Job};
use serde::{Deserialize, Serialize};
use types::TenantId;

use super::later;
use crate::db::paying_out::payouts;
use crate::payout::PayoutState;
use crate::{Error, Payments, PayoutId};

/// After how long it is looked for the first time; then after twice as long each time.
const FIRST_AFTER_S: i64 = 2 * 60;
const AFTER_MAX: TimeDelta = TimeDelta::hours(6);
/// After a fortnight of looking somebody has to ask.
const LOOKS_MAX: u32 = 60;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WatchPayout {
    pub tenant: TenantId,
    pub payout: PayoutId,
    /// How often it was looked at.
    pub look: u32,
}

impl Job for WatchPayout {
    const KIND: &'static str = "watch-payout";
    const ATTEMPTS_MAX: i16 = 40;
}

impl WatchPayout {
    pub(crate) fn draft(&self, now: DateTime<Utc>) -> Draft {
        let after = TimeDelta::seconds(FIRST_AFTER_S << self.look.min(12)).min(AFTER_MAX);
        Draft::new(self.tenant, self).at(now + after)
    }
}

pub(crate) async fn run(payments: Payments, job: WatchPayout) -> Result<(), Failure> {
    payments.watch_payout(&job).await.map_err(later)
}

impl Payments {
    async fn watch_payout(&self, job: &WatchPayout) -> Result<(), Error> {
        let Some(provider) = self.provider.as_deref() else { return Ok(()) };
        let found = payouts::find(&mut *self.db.acquire().await?, job.tenant, job.payout).await?;
        let of_interest =
            found.filter(|payout| matches!(payout.state, PayoutState::Pending | PayoutState::Paid));
        let Some(id) = of_interest.and_then(|payout| payout.at_provider) else { return Ok(()) };
        let seen = provider.payout(&id).await?;
        self.look_at_payout(job.tenant, job.payout, &seen).await?;
        let mut transaction = self.db.begin().await?;
        let payout = payouts::lock(&mut transaction, job.tenant, job.payout).await?;
        if payout.is_some_and(|payout| payout.state == PayoutState::Pending) {
            if job.look >= LOOKS_MAX {
                tracing::error!(payout = %job.payout, "the provider does not come to an end with a payout");
            }
            let next = WatchPayout { look: job.look.saturating_add(1), ..job.clone() };
            self.jobs.enqueue(&mut transaction, next.draft(self.clock.now())).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
