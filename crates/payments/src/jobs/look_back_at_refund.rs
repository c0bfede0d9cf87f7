//! Looks whether a refund that was made came back: banks send some back weeks later, and the news of it may be lost.

use chrono::{DateTime, TimeDelta, Utc};
use platform::jobs::{Draft, Failure, Job};
use serde::{Deserialize, Serialize};
use types::{RefundId, TenantId};

use super::later;
use crate::db::payments;
use crate::db::refunds::{self, RefundState};
use crate::{Error, Payments};

/// After how many days it is looked at, each time.
const AFTER_DAYS: [i64; 4] = [1, 6, 10, 14];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LookBackAtRefund {
    pub tenant: TenantId,
    pub refund: RefundId,
    /// How often it was looked at.
    pub look: usize,
}

impl Job for LookBackAtRefund {
    const KIND: &'static str = "look-back-at-refund";
    const ATTEMPTS_MAX: i16 = 40;
}

impl LookBackAtRefund {
    pub(crate) fn draft(&self, now: DateTime<Utc>) -> Draft {
        let days = AFTER_DAYS.get(self.look).or(AFTER_DAYS.last()).copied().unwrap_or(1);
        Draft::new(self.tenant, self).at(now + TimeDelta::days(days)).once(self.refund.to_string())
    }
}

pub(crate) async fn run(payments: Payments, job: LookBackAtRefund) -> Result<(), Failure> {
    payments.look_back_at_refund(&job).await.map_err(later)
}

impl Payments {
    async fn look_back_at_refund(&self, job: &LookBackAtRefund) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        let found = refunds::find(&mut connection, job.tenant, job.refund).await?;
        let made = found.filter(|refund| refund.state == RefundState::Processed);
        let Some(made) = made else { return Ok(()) };
        let payment = payments::find(&mut connection, job.tenant, made.payment).await?;
        drop(connection);
        let gateway = self.gateways.find(payment.and_then(|payment| payment.gateway).as_deref());
        let Some((gateway, id)) = gateway.zip(made.at_gateway) else { return Ok(()) };
        let seen = gateway.fetch_refund(&id).await?;
        self.look_at_refund(job.tenant, job.refund, &seen).await?;
        let next = LookBackAtRefund { look: job.look + 1, ..job.clone() };
        if next.look < AFTER_DAYS.len() {
            self.jobs.enqueue(&mut *self.db.acquire().await?, next.draft(self.clock.now())).await?;
        }
        Ok(())
    }
}
