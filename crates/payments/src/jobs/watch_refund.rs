//! Looks at the gateway what became of a refund that it is at: a webhook may be lost.

use chrono::{DateTime, TimeDelta, Utc};
use platform::jobs::{Draft, Failure, Job};
use serde::{Deserialize, Serialize};
use types::{RefundId, TenantId};

use super::later;
use crate::db::payments;
use crate::db::refunds::{self, RefundState};
use crate::{Error, Payments};

/// After how long it is looked for the first time; then after twice as long each time.
const FIRST_AFTER_S: i64 = 5 * 60;
const AFTER_MAX: TimeDelta = TimeDelta::hours(6);
/// Banks take a week; after two somebody has to ask.
const LOOKS_MAX: u32 = 60;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WatchRefund {
    pub tenant: TenantId,
    pub refund: RefundId,
    /// How often it was looked at.
    pub look: u32,
}

impl Job for WatchRefund {
    const KIND: &'static str = "watch-refund";
    const ATTEMPTS_MAX: i16 = 40;
}

impl WatchRefund {
    pub(crate) fn draft(&self, now: DateTime<Utc>) -> Draft {
        let after = TimeDelta::seconds(FIRST_AFTER_S << self.look.min(12)).min(AFTER_MAX);
        Draft::new(self.tenant, self).at(now + after).once(self.refund.to_string())
    }
}

pub(crate) async fn run(payments: Payments, job: WatchRefund) -> Result<(), Failure> {
    payments.watch_refund(&job).await.map_err(later)
}

impl Payments {
    async fn watch_refund(&self, job: &WatchRefund) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        let found = refunds::find(&mut connection, job.tenant, job.refund).await?;
        let pending = found.filter(|refund| refund.state == RefundState::Pending);
        let Some(pending) = pending else { return Ok(()) };
        let payment = payments::find(&mut connection, job.tenant, pending.payment).await?;
        drop(connection);
        let gateway = self.gateways.find(payment.and_then(|payment| payment.gateway).as_deref());
        let Some((gateway, id)) = gateway.zip(pending.at_gateway) else { return Ok(()) };
        let seen = gateway.fetch_refund(&id).await?;
        self.look_at_refund(job.tenant, job.refund, &seen).await?;
        let mut transaction = self.db.begin().await?;
        let refund = refunds::lock(&mut transaction, job.tenant, job.refund).await?;
        if let Some(refund) = refund.filter(|refund| refund.state == RefundState::Pending) {
            if job.look >= LOOKS_MAX {
                self.give_up(&mut transaction, refund, "the gateway does not come to an end with it").await?;
            } else {
                let next = WatchRefund { look: job.look + 1, ..job.clone() };
                self.jobs.enqueue(&mut transaction, next.draft(self.clock.now())).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}
