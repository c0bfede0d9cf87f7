//! Sends one notice to one phone.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use platform::jobs::{Failure, Job, Priority};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use types::TenantId;
use uuid::Uuid;

use crate::push::{Receiver, Undelivered};
use crate::{Notice, Sync, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendPush {
    pub tenant: TenantId,
    pub subscription: Uuid,
    pub notice: Notice,
    /// From then on nobody wants to know.
    pub worthless_at: DateTime<Utc>,
}

impl Job for SendPush {
    const KIND: &'static str = "send-push";
    const ATTEMPTS_MAX: i16 = 5;
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(sync: Sync, job: SendPush) -> Result<(), Failure> {
    let Some(pusher) = sync.pusher.as_ref().filter(|_| sync.clock.now() < job.worthless_at) else {
        return Ok(());
    };
    let SendPush { tenant, subscription, notice, .. } = job;
    let Some(found) = addressee(&sync, tenant, subscription).await? else { return Ok(()) };
    let db::push::Subscription { endpoint, p256dh, auth, .. } = found;
    let receiver = Receiver {
        endpoint: Url::parse(&endpoint).map_err(|error| Failure::Dead(error.into()))?,
        p256dh: p256dh.try_into().map_err(|_| Failure::Dead(anyhow!("a stored key has not 65 bytes")))?,
        auth: auth.try_into().map_err(|_| Failure::Dead(anyhow!("a stored secret has not 16 bytes")))?,
    };
    match pusher.deliver(&receiver, &notice).await {
        Ok(()) => Ok(()),
        Err(Undelivered::Gone) => {
            db::push::forget(&mut *sync.db.acquire().await?, tenant, subscription).await?;
            Ok(())
        }
        Err(Undelivered::Busy(wait)) => Err(Failure::RetryAfter(wait, Undelivered::Busy(wait).into())),
        Err(error @ (Undelivered::Failed(_) | Undelivered::Unreachable(_))) => Err(error.into()),
        Err(error) => Err(Failure::Dead(error.into())),
    }
}

/// Whose phone it is, as long as they belong to the business: else the subscription goes.
async fn addressee(
    sync: &Sync,
    tenant: TenantId,
    subscription: Uuid,
) -> Result<Option<db::push::Subscription>, Failure> {
    let mut connection = sync.db.acquire().await?;
    let Some(found) = db::push::find(&mut connection, tenant, subscription).await? else { return Ok(None) };
    if let Some(person) = found.person
        && !sync.identity.is_member(&mut connection, tenant, person).await?
    {
        db::push::forget(&mut connection, tenant, subscription).await?;
        return Ok(None);
    }
    Ok(Some(found))
}
