//! What gateways tell us: stored as it came, worked on by a job.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason, act_line};
use platform::jobs::Draft;
use platform::page::{Page, PageQuery};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use types::{IntentId, TenantId};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::webhooks::BODY;
use crate::gateway::{Gateway, News, Payment};
use crate::intake::NewWebhook;
use crate::jobs::process_webhook::ProcessWebhook;
use crate::settle::Outcome;
use crate::subject::SubjectId;
use crate::{Error, Payments, db};

/// The longest name of an event that is kept, in characters.
const EVENT_CHARS_MAX: usize = 64;
/// The longest id of an event that is taken as it is.
const EVENT_ID_BYTES_MAX: usize = 128;

/// Where a webhook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum WebhookState {
    /// Stored, to be worked on.
    Received,
    /// Taken in.
    Done,
    /// Nothing to do about it.
    Ignored,
    /// It could not be worked on yet; it is tried again.
    Failed,
}

/// A webhook as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OperatorWebhook)]
pub struct WebhookEvent {
    /// Ours.
    pub id: Uuid,
    /// The gateway's name of it.
    pub event: String,
    /// Where it stands.
    pub state: WebhookState,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// What came of it, and who had it worked on again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which webhooks are asked for.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookQuery {
    /// Only those that stand so.
    pub state: Option<WebhookState>,
}

/// Counts forged webhooks, which leave no other trace: whoever sends them must not fill the database or the log.
#[derive(Debug, Default)]
pub(crate) struct Refusals(AtomicU64);

impl WebhookState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }
}

impl Refusals {
    fn count(&self) {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() {
            tracing::warn!(count, "webhooks without the gateway's signature were refused");
        }
    }
}

impl Payments {
    /// Takes a gateway's webhook in: checked and stored as it came, to be worked on by a job. What came before is as welcome.
    ///
    /// # Errors
    /// [`Error::WebhookForged`], [`Error::NoGateway`]; whatever the database says.
    pub async fn receive_webhook(
        &self,
        gateway: &str,
        body: &[u8],
        signature: &str,
        event_id: Option<&str>,
    ) -> Result<(), Error> {
        let gateway = self.gateways.of(Some(gateway))?;
        let now = self.clock.now();
        if !gateway.signed_webhook(body, signature, now) {
            self.refusals.count();
            return Err(Error::WebhookForged);
        }
        let news = gateway.read_webhook(body);
        let event_id = event_id.or(news.as_ref().and_then(|news| news.event_id.as_deref()));
        let event = news.as_ref().map(|news| news.event.as_str());
        self.keep_webhook(gateway.name(), event, body, signature, event_id).await
    }

    /// Takes a webhook of the provider of payouts in, in the same way.
    ///
    /// # Errors
    /// [`Error::WebhookForged`], [`Error::NoGateway`]; whatever the database says.
    pub async fn receive_payout_webhook(
        &self,
        body: &[u8],
        signature: &str,
        event_id: Option<&str>,
    ) -> Result<(), Error> {
        let provider = self.provider.as_deref().ok_or(Error::NoGateway)?;
        if !provider.signed_webhook(body, signature) {
            self.refusals.count();
            return Err(Error::WebhookForged);
        }
        let news = provider.read_webhook(body);
        let event = news.as_ref().map(|news| news.event.as_str());
        self.keep_webhook(provider.name(), event, body, signature, event_id).await
    }

    async fn keep_webhook(
        &self,
        sender: &str,
        event: Option<&str>,
        body: &[u8],
        signature: &str,
        event_id: Option<&str>,
    ) -> Result<(), Error> {
        let given = event_id.filter(|id| (1..=EVENT_ID_BYTES_MAX).contains(&id.len()));
        let event_id =
            given.map_or_else(|| format!("sha256:{}", hex::encode(Sha256::digest(body))), str::to_owned);
        let event = event.unwrap_or("unreadable");
        let id = self.entropy.id(self.clock.now());
        let new = NewWebhook {
            id,
            gateway: sender.to_owned(),
            event_id,
            event: event.chars().filter(|c| !c.is_control()).take(EVENT_CHARS_MAX).collect(),
            body_sealed: self.fields.seal(BODY, id, body),
            signature: signature.to_owned(),
        };
        self.intake.store((&self.db, &self.jobs, &self.clock), new).await.map_err(Error::WebhookNotStored)
    }

    /// A page of webhooks, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn webhooks(
        &self,
        caller: &Caller,
        state: Option<WebhookState>,
        query: PageQuery,
    ) -> Result<Page<WebhookEvent>, Error> {
        caller.operator()?;
        let events = db::webhooks::list(&mut *self.db.acquire().await?, state, query).await?;
        Ok(query.page(events, |event| event.id))
    }

    /// Has a stored webhook worked on again. Who and why is written beside it. What it says that was taken in before has no
    /// further effect.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NotFound`].
    pub async fn replay_webhook(
        &self,
        caller: &Caller,
        webhook: Uuid,
        why: &OperatorReason,
    ) -> Result<WebhookEvent, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let now = self.clock.now();
        let line = act_line("replayed", person, &reason, now);
        let mut transaction = self.db.begin().await?;
        let event = db::webhooks::replay(&mut transaction, webhook, &line, now).await?;
        let event = event.ok_or(Error::NotFound)?;
        self.jobs.enqueue(&mut transaction, Draft::of_nobody(&ProcessWebhook { webhook })).await?;
        let act = Act::by(person, Area::Webhooks, Deed::MadeAgain, now);
        audit::keep(&mut transaction, act.about(webhook).because(&reason)).await?;
        transaction.commit().await?;
        tracing::info!(%webhook, %person, reason, "a webhook is worked on again");
        Ok(event)
    }

    /// Looks where a webhook points: what came of it, in words.
    pub(crate) async fn follow(
        &self,
        gateway: &dyn Gateway,
        news: &News,
    ) -> Result<(WebhookState, &'static str), Error> {
        if let Some(dispute) = news.dispute.as_deref() {
            return Ok((WebhookState::Done, self.look_at_dispute(gateway, dispute).await?));
        }
        if let Some(method) = news.method.as_deref().filter(|_| news.payment.is_none()) {
            return self.follow_method(gateway, method).await;
        }
        if let Some(customer) = news.customer.as_deref() {
            return self.follow_customer(gateway, customer).await;
        }
        let Some(id) = news.payment.as_deref() else {
            return Ok((WebhookState::Ignored, "it is about no payment"));
        };
        let payment = match gateway.payment(id).await {
            Err(error) if error.is_final() => {
                return Ok((WebhookState::Ignored, "the gateway knows no such payment"));
            }
            other => other?,
        };
        let found = self.intent_of(&mut *self.db.acquire().await?, gateway, news, &payment).await?;
        let Some((tenant, intent)) = found else {
            return Ok((WebhookState::Ignored, "the payment is for nothing that was asked here"));
        };
        let outcome = self.look_at(gateway, tenant, intent, &payment).await?;
        if news.refund.is_some() {
            return Ok((WebhookState::Done, self.look_at_refunds_of(gateway, tenant, id).await?));
        }
        Ok((WebhookState::Done, in_words(outcome)))
    }

    /// Which intent a payment is for: by the gateway's order, by its QR code, or by what we wrote on either.
    pub(crate) async fn intent_of(
        &self,
        connection: &mut PgConnection,
        gateway: &dyn Gateway,
        news: &News,
        payment: &Payment,
    ) -> Result<Option<(TenantId, IntentId)>, Error> {
        let (order, qr) = (payment.order.as_deref(), news.qr_code.as_deref());
        if let Some(found) = db::gateway::intent_of(connection, gateway.name(), order, qr).await? {
            return Ok(Some(found));
        }
        let Some((tenant, intent)) = payment.intent else { return Ok(None) };
        Ok(db::intents::find(connection, tenant, intent).await?.map(|intent| (intent.tenant, intent.id)))
    }
}

const fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Settled(SubjectId::Order(_)) => "the order is paid",
        Outcome::Settled(SubjectId::TopUp(_)) => "the top-up is paid",
        Outcome::Surplus => "no more is wanted: the money goes back",
        Outcome::Moved(_) => "the intent moved on",
        Outcome::Nothing => "nothing new",
        Outcome::Foreign => "money in a currency that is not traded: the operator has to look",
    }
}
