//! Asks the gateway for the ways to pay an intent.

use chrono::TimeDelta;
use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{IntentId, TenantId};

use super::later;
use crate::gateway::chain;
use crate::{Error, Payments, db};

/// How long the buyer waits for a gateway in trouble; then other ways are offered, where there are any, and the gateway's when
/// it is back.
const PATIENCE: TimeDelta = TimeDelta::seconds(10);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PrepareIntent {
    pub tenant: TenantId,
    pub intent: IntentId,
}

impl Job for PrepareIntent {
    const KIND: &'static str = "prepare-intent";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(payments: Payments, job: PrepareIntent) -> Result<(), Failure> {
    let found = db::intents::find(&mut *payments.db.acquire().await?, job.tenant, job.intent).await?;
    let Some(intent) = found.filter(|intent| intent.state.is_live()) else { return Ok(()) };
    let Some(gateway) = payments.gateways.find(intent.gateway.as_deref()) else {
        return Ok(payments.offer_without(&intent, "the gateway was switched off").await?);
    };
    match payments.prepare(gateway, &intent).await {
        Err(Error::Gateway(error)) if error.is_final() => {
            Ok(payments.offer_without(&intent, &chain(&error)).await?)
        }
        Err(error) => {
            let waited = payments.clock.now() - intent.created_at;
            if waited >= PATIENCE && intent.subject.can_be_paid_to_vendor() {
                payments.offer_without(&intent, &chain(&error)).await?;
            }
            Err(later(error))
        }
        Ok(()) => Ok(()),
    }
}
