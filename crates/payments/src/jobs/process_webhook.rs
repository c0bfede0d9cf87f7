//! Works on a stored webhook.

use platform::jobs::{Failure, Job, Priority};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::later;
use crate::db::webhooks::BODY;
use crate::gateway::chain;
use crate::{Error, Payments, WebhookState, db};

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
    let Some((name, sealed, state)) = stored else { return Ok(()) };
    if !matches!(state, WebhookState::Received | WebhookState::Failed) {
        return Ok(());
    }
    let body = payments.fields.open_bytes(BODY, job.webhook, &sealed);
    let body = body.map_err(|unopenable| Failure::Dead(unopenable.into()))?;
    let outcome = payments.follow_webhook(&name, &body).await;
    if matches!(outcome, Err(Error::NoGateway)) {
        return Err(Failure::Retry(anyhow::anyhow!("the gateway was switched off")));
    }
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

impl Payments {
    /// Follows a webhook of the gateway, or of the provider of payouts, of this name.
    async fn follow_webhook(&self, name: &str, body: &[u8]) -> Result<(WebhookState, &'static str), Error> {
        const UNREADABLE: (WebhookState, &str) = (WebhookState::Ignored, "it cannot be read");
        if let Some(provider) = self.provider.as_deref().filter(|provider| provider.name() == name) {
            return match provider.read_webhook(body) {
                Some(news) => self.follow_payout(provider, &news).await,
                None => Ok(UNREADABLE),
            };
        }
        let gateway = self.gateways.of(Some(name))?;
        match gateway.read_webhook(body) {
            Some(news) => self.follow(gateway, &news).await,
            None => Ok(UNREADABLE),
        }
    }
}
