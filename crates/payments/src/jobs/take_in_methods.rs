//! Takes in what the gateway keeps for a vendor: after something was to be kept, after news of it, and from time to time.

use chrono::{DateTime, TimeDelta, Utc};
use platform::db::repeat;
use platform::jobs::{Draft, Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use types::{IntentId, TenantId};

use super::later;
use crate::db::methods::{self, Known};
use crate::gateway::{Gateway, Method};
use crate::{Error, Payments, WebhookState, db};

/// How soon what a bank has not agreed to is looked at again.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// How often.
const LOOKS_MAX: u32 = 12;
/// What was taken in lately may be missing in a list that was asked for before.
const SETTLES_IN: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TakeInMethods {
    pub tenant: TenantId,
    pub intent: IntentId,
    /// How often it was looked at.
    #[serde(default)]
    pub look: u32,
}

impl Job for TakeInMethods {
    const KIND: &'static str = "take-in-methods";
}

/// Looks at what a gateway keeps for a vendor, who says that they have something kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LookAtMethods {
    pub tenant: TenantId,
    pub gateway: String,
}

impl Job for LookAtMethods {
    const KIND: &'static str = "look-at-methods";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn look(payments: Payments, job: LookAtMethods) -> Result<(), Failure> {
    let Some(gateway) = payments.gateways.find(Some(&job.gateway)) else { return Ok(()) };
    payments.look_at_methods(gateway, job.tenant).await.map(drop).map_err(later)
}

pub(crate) async fn run(payments: Payments, job: TakeInMethods) -> Result<(), Failure> {
    payments.take_in_methods(&job).await.map_err(later)
}

impl Payments {
    async fn take_in_methods(&self, job: &TakeInMethods) -> Result<(), Error> {
        let intent = db::intents::find(&mut *self.db.acquire().await?, job.tenant, job.intent).await?;
        let Some(gateway) = self.gateways.find(intent.and_then(|intent| intent.gateway).as_deref()) else {
            return Ok(());
        };
        let kept = self.look_at_methods(gateway, job.tenant).await?;
        // The vendor tells of a mandate a moment after its payment, and a bank may take its time.
        let is_open = kept.is_empty() || kept.iter().any(Method::is_pending);
        if is_open && gateway.mandate().is_some() && job.look < LOOKS_MAX {
            let next = TakeInMethods { look: job.look + 1, ..job.clone() };
            let draft = Draft::new(job.tenant, &next).at(self.clock.now() + AGAIN_AFTER);
            self.jobs.enqueue(&mut *self.db.acquire().await?, draft).await?;
        }
        Ok(())
    }

    /// Asks a gateway for all that it keeps for a vendor, and takes it in: the one way by which it comes, changes and ends.
    pub(crate) async fn look_at_methods(
        &self,
        gateway: &dyn Gateway,
        tenant: TenantId,
    ) -> Result<Vec<Method>, Error> {
        let asked_at = self.clock.now();
        let name = gateway.name();
        let customer = methods::customer(&mut *self.db.acquire().await?, tenant, name).await?;
        let Some(customer) = customer else { return Ok(Vec::new()) };
        let kept = gateway.methods_of(&customer).await?;
        repeat(|| self.keep_methods(tenant, name, &kept, asked_at)).await?;
        Ok(kept)
    }

    async fn keep_methods(
        &self,
        tenant: TenantId,
        gateway: &str,
        kept: &[Method],
        asked_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let before = methods::lock_known(&mut transaction, tenant, gateway, asked_at).await?;
        let mut has_changed = false;
        for method in kept {
            let known = before.iter().find(|known| known.at_gateway == method.id);
            has_changed |= match (known, method.state) {
                (None, Some(state)) => {
                    let id = self.entropy.id(now);
                    methods::insert(&mut transaction, &self.fields, tenant, id, (gateway, method, state), now)
                        .await?
                }
                (Some(known), Some(state)) if known.is_kept && known.state != state => {
                    methods::set_state(&mut transaction, tenant, known.id, state).await?;
                    true
                }
                _ => false,
            };
        }
        for over in before.iter().filter(|known| known.has_ended(kept, asked_at)) {
            has_changed |= methods::remove(&mut transaction, tenant, over.id, now).await?;
        }
        methods::choose_default(&mut transaction, tenant).await?;
        if has_changed {
            self.announce_methods(&mut transaction, tenant).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// News of a mandate: all that is kept for its owner is looked at.
    pub(crate) async fn follow_method(
        &self,
        gateway: &dyn Gateway,
        method: &str,
    ) -> Result<(WebhookState, &'static str), Error> {
        let owner = methods::owner(&mut *self.db.acquire().await?, gateway.name(), method).await?;
        // Its payment tells of one that is new.
        let Some(tenant) = owner else { return Ok((WebhookState::Ignored, "it is kept for nobody here")) };
        self.look_at_methods(gateway, tenant).await?;
        Ok((WebhookState::Done, "what is kept for its owner was looked at"))
    }
}

impl Method {
    fn is_pending(&self) -> bool {
        self.state == Some(crate::method::MethodState::Pending)
    }
}

impl Known {
    /// Whether the gateway says that it is over, or knows nothing of it any more.
    fn has_ended(&self, kept: &[Method], asked_at: DateTime<Utc>) -> bool {
        let listed = kept.iter().find(|method| method.id == self.at_gateway);
        let is_over = match listed {
            Some(method) => method.state.is_none(),
            None => self.created_at + SETTLES_IN <= asked_at,
        };
        self.is_kept && is_over
    }
}
