//! What the gateway says of disputes.

use platform::db::repeat;
use serde_json::json;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::Money;

use super::{Answer, Dispute, DisputeState};
use crate::db::disputes;
use crate::db::payments::{self, Payment, Role};
use crate::gateway::{self, Gateway};
use crate::subject::SubjectId;
use crate::{Error, PaymentRefunded, Payments, db};

impl Payments {
    /// Looks at a dispute at the gateway and takes in what it says: what came of it, in words.
    pub(crate) async fn look_at_dispute(
        &self,
        gateway: &dyn Gateway,
        id: &str,
    ) -> Result<&'static str, Error> {
        let seen = gateway.dispute(id).await?;
        self.take_in_dispute(gateway.name(), &seen).await
    }

    /// Takes in what the gateway says of a dispute now. What was taken in before has no further effect.
    pub(crate) async fn take_in_dispute(
        &self,
        gateway: &str,
        seen: &gateway::Dispute,
    ) -> Result<&'static str, Error> {
        repeat(|| self.apply_dispute(gateway, seen)).await
    }

    async fn apply_dispute(&self, gateway: &str, seen: &gateway::Dispute) -> Result<&'static str, Error> {
        let mut transaction = self.db.begin().await?;
        let found = payments::at_gateway(&mut transaction, (gateway, &seen.payment)).await?;
        let Some(found) = found else { return Ok("the disputed payment is on no record here") };
        db::intents::lock_of(&mut transaction, found.tenant, found.subject).await?;
        let payment =
            payments::find(&mut transaction, found.tenant, found.id).await?.ok_or(Error::NotFound)?;
        let known = disputes::lock_at(&mut transaction, gateway, &seen.id).await?;
        let is_new = known.is_none();
        let before = match known {
            Some(dispute) => dispute,
            None => match self.begin_dispute(&mut transaction, gateway, &payment, seen).await? {
                Some(dispute) => dispute,
                None => return Ok("a dispute in a currency that is not traded: the operator has to look"),
            },
        };
        let mut dispute = self.moved_on(&before, seen);
        if dispute == before && !is_new {
            return Ok("nothing new");
        }
        if dispute.state.is_over() && !before.state.is_over() {
            self.end_dispute(&mut transaction, &payment, &dispute).await?;
        }
        if dispute.state.is_over() {
            // Also later: what a gateway gives back of it comes when it comes.
            self.book_dispute_fee(&mut transaction, &dispute).await?;
            dispute.fee_booked_minor = dispute.fee_minor;
        }
        disputes::update(&mut transaction, &dispute, self.clock.now()).await?;
        self.tell_of_dispute(&mut transaction, &dispute).await?;
        transaction.commit().await?;
        Ok("the dispute is taken in")
    }

    fn moved_on(&self, before: &Dispute, seen: &gateway::Dispute) -> Dispute {
        let asked_again = before.is_asked_again(seen);
        let state = before.after(seen, self.clock.now());
        Dispute {
            state,
            answer: before.answer.filter(|_| !asked_again),
            answered_by: before.answered_by.filter(|_| !asked_again),
            phase: seen.phase.clone(),
            respond_by: if state.is_over() {
                before.respond_by
            } else {
                seen.respond_by.or(before.respond_by)
            },
            fee_minor: seen.fee_minor.unwrap_or(before.fee_minor),
            ..before.clone()
        }
    }

    /// Puts a dispute on record, and its money on hold: as much of it as has not gone back yet.
    async fn begin_dispute(
        &self,
        connection: &mut PgConnection,
        gateway: &str,
        payment: &Payment,
        seen: &gateway::Dispute,
    ) -> Result<Option<Dispute>, Error> {
        let Some(amount_minor) = seen.amount.map(Money::minor).filter(|minor| *minor > 0) else {
            tracing::error!(dispute = seen.id, "a dispute is not in rupees and is not in the books");
            return Ok(None);
        };
        let is_vendors = payment.role == Role::Settles && matches!(payment.subject, SubjectId::Order(_));
        let held_minor = if is_vendors { amount_minor.min(payment.left_minor()) } else { 0 };
        if held_minor < amount_minor {
            tracing::error!(
                dispute = seen.id,
                "more is disputed than the vendor has of it: the operator has to look"
            );
        }
        let now = self.clock.now();
        let dispute = Dispute {
            tenant: payment.tenant,
            id: self.entropy.id(now),
            payment: payment.id,
            order: payment.subject.order(),
            gateway: gateway.to_owned(),
            at_gateway: seen.id.clone(),
            amount_minor,
            held_minor,
            commission_minor: payment.commission_share(held_minor),
            fee_minor: seen.fee_minor.unwrap_or(0),
            fee_booked_minor: 0,
            reason: seen.reason.clone(),
            phase: seen.phase.clone(),
            state: DisputeState::Open,
            answer: None::<Answer>,
            answered_by: None,
            statement: None,
            note: None,
            respond_by: seen.respond_by,
            created_at: now,
        };
        disputes::insert(connection, &dispute).await?;
        self.book_dispute_held(connection, &dispute).await?;
        tracing::warn!(dispute = %dispute.id, tenant = %dispute.tenant, "a payment is disputed");
        Ok(Some(dispute))
    }

    async fn end_dispute(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        dispute: &Dispute,
    ) -> Result<(), Error> {
        if dispute.state.is_lost() {
            let share = payment.tcs_share(dispute.held_minor);
            self.book_dispute_lost(connection, dispute, share.minor).await?;
            disputes::set_lost(connection, dispute, share, self.clock.now()).await?;
            return self.tell_lost(connection, payment, dispute).await;
        }
        disputes::release(connection, dispute).await?;
        self.book_dispute_released(connection, dispute).await
    }

    /// What the bank took of an order went back to its buyer, as if it were refunded.
    async fn tell_lost(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        dispute: &Dispute,
    ) -> Result<(), Error> {
        let Some(order) = dispute.order.filter(|_| dispute.held_minor > 0) else { return Ok(()) };
        let event = PaymentRefunded { tenant: dispute.tenant, order, intent: payment.intent };
        Ok(self.outbox.publish(connection, dispute.tenant, &event).await?)
    }

    /// Tells the vendor, as the last thing of a transaction, that something about a dispute changed.
    pub(super) async fn tell_of_dispute(
        &self,
        connection: &mut PgConnection,
        dispute: &Dispute,
    ) -> Result<(), Error> {
        let data = json!({ "id": dispute.id, "order_id": dispute.order, "state": dispute.state });
        let event = Event { kind: "dispute", visit_id: None, data };
        self.sync.publish(connection, Subscriber::vendor(dispute.tenant), event).await?;
        Ok(())
    }
}
