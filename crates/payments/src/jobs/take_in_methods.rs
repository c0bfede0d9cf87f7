//! Takes in which cards the gateway keeps for a vendor, after one was to be kept.

use platform::db::repeat;
use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{IntentId, TenantId};

use super::later;
use crate::db::methods;
use crate::gateway::Method;
use crate::{Error, Payments, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TakeInMethods {
    pub tenant: TenantId,
    pub intent: IntentId,
}

impl Job for TakeInMethods {
    const KIND: &'static str = "take-in-methods";
}

pub(crate) async fn run(payments: Payments, job: TakeInMethods) -> Result<(), Failure> {
    payments.take_in_methods(&job).await.map_err(later)
}

impl Payments {
    async fn take_in_methods(&self, job: &TakeInMethods) -> Result<(), Error> {
        let mut connection = self.db.acquire().await?;
        let intent = db::intents::find(&mut connection, job.tenant, job.intent).await?;
        let Some(gateway) = self.gateways.find(intent.and_then(|intent| intent.gateway).as_deref()) else {
            return Ok(());
        };
        let customer = methods::customer(&mut connection, job.tenant, gateway.name()).await?;
        drop(connection);
        let Some(customer) = customer else { return Ok(()) };
        let kept = gateway.methods_of(&customer).await?;
        repeat(|| self.keep_methods(job.tenant, gateway.name(), &kept)).await
    }

    async fn keep_methods(&self, tenant: TenantId, gateway: &str, kept: &[Method]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        for method in kept {
            let id = self.entropy.id(now);
            methods::insert(&mut transaction, tenant, id, gateway, method, now).await?;
        }
        methods::choose_default(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(())
    }
}
