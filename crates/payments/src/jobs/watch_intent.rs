//! Looks at the gateway whether an intent was paid: a webhook may be lost.

use chrono::{DateTime, TimeDelta, Utc};
use platform::jobs::{Draft, Failure, Job};
use serde::{Deserialize, Serialize};
use types::{IntentId, TenantId};

use super::later;
use crate::db::gateway::AtGateway;
use crate::gateway::{Gateway, Payment};
use crate::intent::{Intent, IntentState};
use crate::{Error, GatewayError, Payments, db};

/// After how long it is looked for the first time; then after twice as long each time.
const FIRST_AFTER_S: i64 = 15;
const AFTER_MAX: TimeDelta = TimeDelta::hours(1);
/// How long after its end an intent is looked at: a bank may answer late.
const LATE_MAX: TimeDelta = TimeDelta::days(1);
/// How often one that is paid is looked at, for a second payment.
const LOOKS_AT_PAID_MAX: u32 = 8;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WatchIntent {
    pub tenant: TenantId,
    pub intent: IntentId,
    /// How often it was looked at.
    pub look: u32,
}

impl Job for WatchIntent {
    const KIND: &'static str = "watch-intent";
    const ATTEMPTS_MAX: i16 = 40;
}

impl WatchIntent {
    pub(crate) fn draft(&self, now: DateTime<Utc>) -> Draft {
        let after = TimeDelta::seconds(FIRST_AFTER_S << self.look.min(12)).min(AFTER_MAX);
        Draft::new(self.tenant, self).at(now + after).once(self.intent.to_string())
    }
}

pub(crate) async fn run(payments: Payments, job: WatchIntent) -> Result<(), Failure> {
    payments.watch(&job).await.map_err(later)
}

impl Payments {
    async fn watch(&self, job: &WatchIntent) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        let there = db::gateway::of_intent(&mut connection, job.tenant, job.intent).await?;
        drop(connection);
        let Some(gateway) = self.gateways.find(there.gateway.as_deref()) else { return Ok(()) };
        for payment in payments_at(gateway, &there).await? {
            self.look_at(gateway, job.tenant, job.intent, &payment).await?;
        }
        let mut connection = self.db.acquire().await?;
        let intent = db::intents::find(&mut connection, job.tenant, job.intent).await?;
        if intent.is_some_and(|intent| is_worth_another_look(&intent, job.look, self.clock.now())) {
            let next = WatchIntent { look: job.look + 1, ..job.clone() };
            self.jobs.enqueue(&mut connection, next.draft(self.clock.now())).await?;
        }
        Ok(())
    }
}

fn is_worth_another_look(intent: &Intent, look: u32, now: DateTime<Utc>) -> bool {
    let paid = intent.state == IntentState::Paid;
    intent.state != IntentState::Refunded
        && now < intent.expires_at + LATE_MAX
        && (!paid || look < LOOKS_AT_PAID_MAX)
}

/// Everything that was paid on an intent's order and QR code, oldest first.
async fn payments_at(gateway: &dyn Gateway, there: &AtGateway) -> Result<Vec<Payment>, Error> {
    let mut payments = Vec::new();
    if let Some(order) = &there.order {
        payments.extend(known(gateway.payments_of_order(order).await)?);
    }
    if let Some(qr) = &there.qr_code {
        payments.extend(known(gateway.payments_of_qr_code(qr).await)?);
    }
    payments.reverse();
    Ok(payments)
}

/// What the gateway does not know any more was not paid.
fn known(answer: Result<Vec<Payment>, GatewayError>) -> Result<Vec<Payment>, Error> {
    match answer {
        Err(error) if error.is_final() => Ok(Vec::new()),
        other => Ok(other?),
    }
}
