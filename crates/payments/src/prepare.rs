//! Making the ways to pay an intent at the gateway.
//!
//! Safe to be cut off anywhere: an order is looked up by its receipt before another is made, and a QR code that was made but not
//! kept is never shown to anybody and closes by itself.

use platform::db::repeat;
use types::IntentId;

use crate::gateway::{self, Asked, Gateway, Order, QrCode};
use crate::intent::{Intent, IntentState};
use crate::jobs::watch_intent::WatchIntent;
use crate::{Error, Payments, db};

impl Payments {
    /// Has the gateway charge what is kept for an intent, or make its order and QR code and offers them.
    pub(crate) async fn prepare(&self, gateway: &dyn Gateway, intent: &Intent) -> Result<(), Error> {
        let keeps = intent.card.is_kept || intent.card.charged.is_some();
        let customer = if keeps && gateway.keeps_methods() {
            Some(self.customer_at(gateway, intent.tenant).await?)
        } else {
            None
        };
        let asked = Asked {
            tenant: intent.tenant,
            intent: intent.id,
            amount: intent.amount(),
            payee: intent.subject.payee(),
            purpose: &intent.subject.purpose(),
            back: &intent.subject.page(),
            customer: customer.as_deref(),
            created_at: intent.created_at,
            now: self.clock.now(),
            expires_at: intent.expires_at,
        };
        if let Some(method) = intent.card.charged {
            return self.charge(gateway, intent, &asked, method).await;
        }
        let there = db::gateway::of_intent(&mut *self.db.acquire().await?, intent.tenant, intent.id).await?;
        if there.order.is_none() {
            let order = self.order_at(gateway, intent, &asked).await?;
            repeat(|| self.keep_order(gateway, intent, &order)).await?;
        }
        // A code registers nothing.
        let wants_qr = there.qr_code.is_none() && gateway.shows_qr_codes() && customer.is_none();
        let qr = if wants_qr { self.qr_code_at(gateway, intent, &asked).await? } else { None };
        repeat(|| self.offer(gateway, intent, qr.as_ref())).await
    }

    /// Keeps the gateway's order. It can be paid from now on, with or without a QR code beside it, so it is looked at from now on.
    pub(crate) async fn keep_order(
        &self,
        gateway: &dyn Gateway,
        intent: &Intent,
        order: &Order,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        db::gateway::insert_order(&mut transaction, intent, gateway.name(), order, now).await?;
        let watch = WatchIntent { tenant: intent.tenant, intent: intent.id, look: 0 };
        self.jobs.enqueue(&mut transaction, watch.draft(now)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The gateway's order of an intent: the one that an earlier try made, else a fresh one.
    async fn order_at(
        &self,
        gateway: &dyn Gateway,
        intent: &Intent,
        asked: &Asked<'_>,
    ) -> Result<Order, Error> {
        if intent.asked_at.is_some()
            && let Some(order) = gateway.find_order(asked).await?
        {
            return Ok(order);
        }
        db::intents::set_asked(&mut *self.db.acquire().await?, intent, self.clock.now()).await?;
        Ok(gateway.create_order(asked).await?)
    }

    /// A QR code with what a UPI app reads; none where the gateway makes none for this account.
    async fn qr_code_at(
        &self,
        gateway: &dyn Gateway,
        intent: &Intent,
        asked: &Asked<'_>,
    ) -> Result<Option<(QrCode, String)>, Error> {
        let note = match gateway.create_qr_code(asked).await {
            Ok(mut qr) => match qr.content.take() {
                Some(content) => return Ok(Some((qr, content))),
                None => "the gateway does not say what its QR code holds".to_owned(),
            },
            Err(error) if error.is_final() => format!("no QR code: {}", gateway::chain(&error)),
            Err(error) => return Err(error.into()),
        };
        tracing::warn!(intent = %intent.id, note, "the payment sheet is offered without a QR code");
        db::intents::set_gateway_note(&mut *self.db.acquire().await?, intent, &note).await?;
        Ok(None)
    }

    async fn offer(
        &self,
        gateway: &dyn Gateway,
        prepared: &Intent,
        qr: Option<&(QrCode, String)>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut transaction = self.db.begin().await?;
        let intent = self.locked(&mut transaction, prepared).await?;
        if let Some((qr, content)) = qr {
            db::gateway::insert_qr_code(&mut transaction, &intent, gateway.name(), qr, content, now).await?;
        }
        let watch = WatchIntent { tenant: intent.tenant, intent: intent.id, look: 0 };
        self.jobs.enqueue(&mut transaction, watch.draft(now)).await?;
        if intent.state.may_become(IntentState::Waiting) {
            db::intents::set_state(&mut transaction, &intent, IntentState::Waiting, None, now).await?;
        }
        if intent.state.is_live() {
            self.announce(&mut transaction, intent.tenant, intent.subject.id()).await?;
        } else {
            // Replaced, called off or paid while the gateway was asked.
            self.close_soon(&mut transaction, &intent).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Offers what can be paid without the gateway; fails what cannot.
    pub(crate) async fn offer_without(&self, prepared: &Intent, why: &str) -> Result<(), Error> {
        repeat(|| self.offer_without_once(prepared, why)).await
    }

    async fn offer_without_once(&self, prepared: &Intent, why: &str) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let intent = self.locked(&mut transaction, prepared).await?;
        if !intent.state.may_become(IntentState::Waiting) {
            return Ok(());
        }
        tracing::warn!(intent = %intent.id, why, "an intent is without the gateway");
        db::intents::set_gateway_note(&mut transaction, &intent, why).await?;
        if intent.subject.can_be_paid_to_vendor() {
            let now = self.clock.now();
            db::intents::set_state(&mut transaction, &intent, IntentState::Waiting, None, now).await?;
        } else {
            self.fail(&mut transaction, &intent).await?;
        }
        self.announce(&mut transaction, intent.tenant, intent.subject.id()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// An intent as it stands now, locked with the others of its subject.
    async fn locked(&self, connection: &mut sqlx::PgConnection, known: &Intent) -> Result<Intent, Error> {
        let intents = db::intents::lock_of(connection, known.tenant, known.subject.id()).await?;
        let id: IntentId = known.id;
        intents.into_iter().find(|intent| intent.id == id).ok_or(Error::NotFound)
    }
}
