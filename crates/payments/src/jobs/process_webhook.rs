//! Works on a stored webhook.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::later;
use crate::gateway::chain;
use crate::{Payments, WebhookState, db};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProcessWebhook {
    pub webhook: Uuid,
}

impl Job for ProcessWebhook {
    const KIND: &'static str = "process-webhook";
    const PRIORITY: Priority = Priority::Interactive;
}

pub(crate) async fn run(payments: Payments, job: ProcessWebhook) -> Result<(), Failure> {
    let stored = db::webhooks::body(&mut *payments.db.acquire().await?, job.webhook).await?;
    let Some((name, body, state)) = stored else { return Ok(()) };
    if !matches!(state, WebhookState::Received | WebhookState::Failed) {
        return Ok(());
    }
    let Some(gateway) = payments.gateways.find(Some(&name)) else {
        return Err(Failure::Retry(anyhow::anyhow!("the gateway was switched off")));
    };
    let outcome = match gateway.read_webhook(&body) {
        Some(news) => payments.follow(gateway, &news).await,
        None => Ok((WebhookState::Ignored, "it cannot be read")),
    };
    let now = payments.clock.now();
    let mut connection = payments.db.acquire().await?;
    match outcome {
        Ok((state, note)) => {
            db::webhooks::finish(&mut connection, job.webhook, state, note, now).await?;
            Ok(())
        }
        Err(error) => {
            let note = chain(&error);
            db::webhooks::finish(&mut connection, job.webhook, WebhookState::Failed, &note, now).await?;
            Err(later(error))
        }
    }
}
