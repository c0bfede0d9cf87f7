//! Giving money back.

use chrono::TimeDelta;
use platform::db::repeat;
use platform::jobs::Draft;
use sqlx::PgConnection;
use types::{OrderId, RefundId, TenantId};

use crate::db::payments::{self, Payment, Role};
use crate::db::refunds::{self, Refund, RefundState};
use crate::gateway::{self, Gateway};
use crate::intent::{Intent, IntentState};
use crate::jobs::refund_payment::RefundPayment;
use crate::jobs::watch_refund::WatchRefund;
use crate::subject::SubjectId;
use crate::{Error, PaymentRefunded, Payments, db};

/// How often a refund that failed at the gateway is made again before the operator has to look.
const ATTEMPTS_MAX: i16 = 5;
/// How long after one that failed.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);

impl Payments {
    /// Gives an order's money back, in the caller's transaction. What the gateway took goes back by a job, and
    /// [`PaymentRefunded`] is published when the buyer has it; what the vendor took is theirs to give back, and is marked so at once.
    ///
    /// A refund that was asked for before has no further effect.
    ///
    /// # Errors
    /// [`Error::NotPaid`]; whatever the books or the database say.
    pub async fn refund(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
        reason: &str,
    ) -> Result<(), Error> {
        let intents = db::intents::lock_of(connection, tenant, order.into()).await?;
        let intent = intents.iter().find(|intent| intent.state.is_settled()).ok_or(Error::NotPaid)?;
        if intent.state == IntentState::Refunded {
            return Ok(());
        }
        let payment = payments::settling(connection, tenant, intent.id).await?.ok_or(Error::NotPaid)?;
        if payment.at_gateway.is_some() {
            return self.send_back(connection, &payment, reason).await;
        }
        let now = self.clock.now();
        let id = self.entropy.id(now);
        if refunds::insert(connection, id, &payment, reason, RefundState::ByVendor, now).await? {
            self.book_refund_asked(connection, &payment).await?;
            self.mark_refunded(connection, intent).await?;
            self.announce_soon(connection, tenant, order.into()).await?;
        }
        Ok(())
    }

    async fn mark_refunded(&self, connection: &mut PgConnection, intent: &Intent) -> Result<(), Error> {
        if !intent.state.may_become(IntentState::Refunded) {
            return Ok(());
        }
        let now = self.clock.now();
        db::intents::set_state(connection, intent, IntentState::Refunded, None, now).await?;
        if let SubjectId::Order(order) = intent.subject.id() {
            let event = PaymentRefunded { tenant: intent.tenant, order, intent: intent.id };
            self.outbox.publish(connection, intent.tenant, &event).await?;
        }
        Ok(())
    }

    /// Takes in what the gateway says of a refund now.
    pub(crate) async fn look_at_refund(
        &self,
        tenant: TenantId,
        refund: RefundId,
        seen: &gateway::Refund,
    ) -> Result<(), Error> {
        repeat(|| self.apply_refund(tenant, refund, seen)).await
    }

    async fn apply_refund(
        &self,
        tenant: TenantId,
        refund: RefundId,
        seen: &gateway::Refund,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let found = refunds::find(&mut transaction, tenant, refund).await?.ok_or(Error::NotFound)?;
        let payment =
            payments::find(&mut transaction, tenant, found.payment).await?.ok_or(Error::NotFound)?;
        let intents = db::intents::lock_of(&mut transaction, tenant, payment.subject).await?;
        let refund = refunds::lock(&mut transaction, tenant, refund).await?.ok_or(Error::NotFound)?;
        // The failure of an earlier attempt, told late, says nothing of this one.
        let of_another = refund.at_gateway.as_ref().is_some_and(|id| *id != seen.id);
        let over = matches!(refund.state, RefundState::Processed | RefundState::ByVendor);
        if over || (of_another && seen.state != gateway::RefundState::Processed) {
            return Ok(());
        }
        let refund = Refund { at_gateway: Some(seen.id.clone()), ..refund };
        match seen.state {
            gateway::RefundState::Pending => self.wait_for(&mut transaction, refund).await?,
            gateway::RefundState::Failed => self.try_again(&mut transaction, refund).await?,
            gateway::RefundState::Processed => {
                let done = Refund { state: RefundState::Processed, ..refund };
                refunds::update(&mut transaction, &done, None, self.clock.now()).await?;
                self.book_refund_made(&mut transaction, &payment).await?;
                let intent = intents.iter().find(|intent| intent.id == payment.intent);
                if let Some(intent) = intent.filter(|_| payment.role == Role::Settles) {
                    self.mark_refunded(&mut transaction, intent).await?;
                    self.announce(&mut transaction, tenant, payment.subject).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn wait_for(&self, connection: &mut PgConnection, refund: Refund) -> Result<(), Error> {
        if refund.state == RefundState::Pending {
            return Ok(());
        }
        let pending = Refund { state: RefundState::Pending, ..refund };
        refunds::update(connection, &pending, None, self.clock.now()).await?;
        let watch = WatchRefund { tenant: pending.tenant, refund: pending.id, look: 0 };
        self.jobs.enqueue(connection, watch.draft(self.clock.now())).await?;
        Ok(())
    }

    async fn try_again(&self, connection: &mut PgConnection, refund: Refund) -> Result<(), Error> {
        let now = self.clock.now();
        if refund.attempt >= ATTEMPTS_MAX {
            return self.give_up(connection, refund, "it failed at the gateway again and again").await;
        }
        let again = refund.asked_again();
        refunds::update(connection, &again, Some("it failed at the gateway and is made again"), now).await?;
        let draft = Draft::new(again.tenant, &RefundPayment { tenant: again.tenant, refund: again.id });
        self.jobs.enqueue(connection, draft.at(now + AGAIN_AFTER)).await?;
        Ok(())
    }

    /// Leaves a refund to the operator. The books keep showing that the buyer is owed the money.
    pub(crate) async fn give_up(
        &self,
        connection: &mut PgConnection,
        refund: Refund,
        why: &str,
    ) -> Result<(), Error> {
        tracing::error!(refund = %refund.id, why, "a refund cannot be made; the operator has to look");
        let failed = Refund { state: RefundState::Failed, ..refund };
        refunds::update(connection, &failed, Some(why), self.clock.now()).await?;
        Ok(())
    }

    /// Takes in the refunds of a payment, whoever made them.
    pub(crate) async fn look_at_refunds_of(
        &self,
        gateway: &dyn Gateway,
        tenant: TenantId,
        gateway_payment: &str,
    ) -> Result<&'static str, Error> {
        let at_gateway = (gateway.name(), gateway_payment);
        let known = payments::of_gateway(&mut *self.db.acquire().await?, tenant, at_gateway).await?;
        let Some(payment) = known else { return Ok("the payment never counted") };
        if payment.role == Role::Settles && matches!(payment.subject, SubjectId::TopUp(_)) {
            // The vendor may have spent it: nobody here gives a top-up back.
            tracing::error!(
                payment = gateway_payment,
                "a top-up was given back at the gateway and is not in the books"
            );
            return Ok("a top-up was given back at the gateway: the operator has to look");
        }
        let mut said = "nothing new";
        for seen in gateway.refunds_of_payment(gateway_payment).await? {
            if seen.amount.map(types::Money::minor) != Some(payment.amount_minor) {
                said = "a part was given back at the gateway: the operator has to look";
                tracing::error!(
                    refund = seen.id,
                    "a part of a payment was given back at the gateway and is not in the books"
                );
                continue;
            }
            let refund = repeat(|| self.refund_on_record(&payment)).await?;
            self.look_at_refund(tenant, refund, &seen).await?;
            said = "refund seen";
        }
        Ok(said)
    }

    /// The refund of a payment; one that was made at the gateway's own dashboard is put on record first.
    async fn refund_on_record(&self, payment: &Payment) -> Result<RefundId, Error> {
        let mut transaction = self.db.begin().await?;
        db::intents::lock_of(&mut transaction, payment.tenant, payment.subject).await?;
        if let Some(refund) = refunds::of_payment(&mut transaction, payment.tenant, payment.id).await? {
            return Ok(refund.id);
        }
        let now = self.clock.now();
        let id = self.entropy.id(now);
        let reason = "made at the gateway";
        refunds::insert(&mut transaction, id, payment, reason, RefundState::Asked, now).await?;
        self.book_refund_asked(&mut transaction, payment).await?;
        transaction.commit().await?;
        Ok(id)
    }
}
