//! Ends the time of an intent that no order looks after.

use platform::db::repeat;
use platform::jobs::{Failure, Job};
use serde::{Deserialize, Serialize};
use types::{IntentId, TenantId};

use crate::intent::IntentState;
use crate::{Error, Payments, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExpireIntent {
    pub tenant: TenantId,
    pub intent: IntentId,
}

impl Job for ExpireIntent {
    const KIND: &'static str = "expire-intent";
    const ATTEMPTS_MAX: i16 = 40;
}

pub(crate) async fn run(payments: Payments, job: ExpireIntent) -> Result<(), Failure> {
    Ok(repeat(|| payments.expire(&job)).await?)
}

impl Payments {
    async fn expire(&self, job: &ExpireIntent) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let known = db::intents::find(&mut transaction, job.tenant, job.intent).await?;
        let Some(subject) = known.map(|intent| intent.subject.id()) else { return Ok(()) };
        let mut intents = db::intents::lock_of(&mut transaction, job.tenant, subject).await?;
        intents.retain(|intent| intent.id == job.intent);
        if self.end_waiting(&mut transaction, &intents, IntentState::Expired).await? {
            self.announce(&mut transaction, job.tenant, subject).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
