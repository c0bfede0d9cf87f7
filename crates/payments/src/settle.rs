//! What a payment at the gateway means for its intent.

use platform::db::repeat;
use platform::jobs::Draft;
use sqlx::PgConnection;
use types::{IntentId, Money, TenantId};

use crate::db::intents::Paid;
use crate::db::payments::{self, Payment, Role};
use crate::gateway::{self, Gateway, PaymentState};
use crate::intent::{By, Intent, IntentState, Verdict, judge};
use crate::jobs::take_in_methods::TakeInMethods;
use crate::subject::SubjectId;
use crate::tcs::Collected;
use crate::{Error, IntentPaid, Payments, TopUpFailed, TopUpPaid, db};

/// What came of looking at a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// This is paid.
    Settled(SubjectId),
    /// No more is wanted: the money goes back.
    Surplus,
    /// The intent stands elsewhere now.
    Moved(IntentState),
    /// It was known, or says nothing new.
    Nothing,
    /// Money in a currency that is not traded: for the operator.
    Foreign,
}

impl Payments {
    /// Takes in what the gateway says of a payment now. Whatever was taken in before has no further effect.
    pub(crate) async fn look_at(
        &self,
        gateway: &dyn Gateway,
        tenant: TenantId,
        intent: IntentId,
        payment: &gateway::Payment,
    ) -> Result<Outcome, Error> {
        let outcome = repeat(|| self.apply(gateway, tenant, intent, payment)).await?;
        if payment.state == PaymentState::Refunded {
            self.look_at_refunds_of(gateway, tenant, &payment.id).await?;
        }
        Ok(outcome)
    }

    async fn apply(
        &self,
        gateway: &dyn Gateway,
        tenant: TenantId,
        intent: IntentId,
        payment: &gateway::Payment,
    ) -> Result<Outcome, Error> {
        let mut transaction = self.db.begin().await?;
        let found = db::intents::find(&mut transaction, tenant, intent).await?.ok_or(Error::NotFound)?;
        let intents = db::intents::lock_of(&mut transaction, tenant, found.subject.id()).await?;
        let intent = intents.iter().find(|other| other.id == intent).ok_or(Error::NotFound)?;
        let outcome = match payment.state {
            // Its owner has notice first: nobody else is to pay meanwhile.
            PaymentState::Created if intent.card.charged.is_some() => {
                self.move_to(&mut transaction, intent, IntentState::Checking, Some(&payment.id)).await?
            }
            PaymentState::Created => Outcome::Nothing,
            PaymentState::Captured => {
                let (all, name) = (intents.as_slice(), gateway.name());
                self.take(&mut transaction, name, all, intent, payment).await?
            }
            PaymentState::Authorized => {
                self.move_to(&mut transaction, intent, IntentState::Checking, Some(&payment.id)).await?
            }
            PaymentState::Failed | PaymentState::Refunded => {
                // The failure of one attempt says nothing of another that is under way.
                let of_another =
                    intent.pending_payment.as_ref().is_some_and(|pending| *pending != payment.id);
                if of_another {
                    Outcome::Nothing
                } else {
                    self.move_to(&mut transaction, intent, IntentState::Failed, None).await?
                }
            }
        };
        if matches!(outcome, Outcome::Settled(_) | Outcome::Moved(_)) {
            self.announce(&mut transaction, tenant, intent.subject.id()).await?;
        }
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn move_to(
        &self,
        connection: &mut PgConnection,
        intent: &Intent,
        state: IntentState,
        pending: Option<&str>,
    ) -> Result<Outcome, Error> {
        if !intent.state.may_become(state) {
            return Ok(Outcome::Nothing);
        }
        if state == IntentState::Failed {
            self.fail(connection, intent).await?;
        } else {
            db::intents::set_state(connection, intent, state, pending, self.clock.now()).await?;
        }
        Ok(Outcome::Moved(state))
    }

    /// An attempt failed. Where nobody is there to make another, whoever asked hears of it.
    pub(crate) async fn fail(&self, connection: &mut PgConnection, intent: &Intent) -> Result<(), Error> {
        db::intents::set_state(connection, intent, IntentState::Failed, None, self.clock.now()).await?;
        if let (Some(_), SubjectId::TopUp(top_up)) = (intent.card.charged, intent.subject.id()) {
            let event = TopUpFailed { tenant: intent.tenant, top_up, intent: intent.id };
            self.outbox.publish(connection, intent.tenant, &event).await?;
        }
        Ok(())
    }

    /// Takes captured money in: once.
    async fn take(
        &self,
        connection: &mut PgConnection,
        gateway: &str,
        intents: &[Intent],
        intent: &Intent,
        payment: &gateway::Payment,
    ) -> Result<Outcome, Error> {
        let Some(amount) = payment.amount else { return Ok(Outcome::Foreign) };
        let verdict = if amount == intent.amount() { judge(intents, intent.id) } else { Verdict::Surplus };
        let role = match verdict {
            Verdict::Settles => Role::Settles,
            Verdict::Surplus => Role::Surplus,
        };
        let taken = Taken {
            role,
            amount,
            gateway: Some((gateway, &payment.id)),
            method: &payment.method,
            reference: payment.reference.as_deref().or(Some(&payment.id)),
        };
        let Some(stored) = self.store(connection, intent, &taken).await? else { return Ok(Outcome::Nothing) };
        if role == Role::Settles {
            let paid = self.paid(By::Gateway, &taken);
            self.settle(connection, intent, &stored, &paid).await?;
            return Ok(Outcome::Settled(intent.subject.id()));
        }
        self.book_payment(connection, &stored).await?;
        let reason = if amount == intent.amount() {
            "paid a second time or too late"
        } else {
            "not the amount asked for"
        };
        self.send_back(connection, &stored, stored.amount_minor, reason).await?;
        Ok(Outcome::Surplus)
    }

    pub(crate) fn paid<'a>(&self, by: By, taken: &Taken<'a>) -> Paid<'a> {
        Paid { by, method: taken.method, reference: taken.reference, client_id: None, at: self.clock.now() }
    }

    /// Stores a payment; none where the gateway's payment is known already.
    pub(crate) async fn store(
        &self,
        connection: &mut PgConnection,
        intent: &Intent,
        taken: &Taken<'_>,
    ) -> Result<Option<Payment>, Error> {
        let now = self.clock.now();
        let subject = intent.subject.id();
        let is_sale = matches!((taken.role, subject), (Role::Settles, SubjectId::Order(_)));
        let (commission_minor, commission_rule) = if is_sale {
            self.commission_of(connection, intent.tenant, taken.amount).await?
        } else {
            (0, None)
        };
        // Only what the gateway holds can be held back, or taxed at source.
        let (held_until, tcs) = match taken.gateway {
            Some(_) if is_sale => (
                Some(self.held_until(connection, intent.tenant).await?),
                self.tcs_due(connection, intent.tenant, intent.id).await?,
            ),
            _ => (None, None),
        };
        let collected = tcs.as_ref().map(Collected::from).unwrap_or_default();
        // The state's part comes before the platform's.
        let commission_minor = commission_minor.min(taken.amount.minor() - collected.minor);
        let new = payments::New {
            id: self.entropy.id(now),
            gateway: taken.gateway,
            role: taken.role,
            amount_minor: taken.amount.minor(),
            commission_minor,
            commission_rule,
            tcs: tcs.as_ref(),
            held_until,
            method: taken.method,
            reference: taken.reference,
            at: now,
        };
        let inserted = payments::insert(connection, intent, &new).await?;
        Ok(inserted.then(|| Payment {
            tenant: intent.tenant,
            id: new.id,
            intent: intent.id,
            subject,
            gateway: taken.gateway.map(|(gateway, _)| gateway.to_owned()),
            at_gateway: taken.gateway.map(|(_, payment)| payment.to_owned()),
            role: taken.role,
            amount_minor: new.amount_minor,
            commission_minor,
            refunded_minor: 0,
            commission_back_minor: 0,
            tcs: collected,
        }))
    }

    /// The money is there: the intent, the books, the news and the end of every other way to pay are one transaction.
    pub(crate) async fn settle(
        &self,
        connection: &mut PgConnection,
        intent: &Intent,
        payment: &Payment,
        paid: &Paid<'_>,
    ) -> Result<(), Error> {
        db::intents::set_paid(connection, intent, paid).await?;
        self.book_payment(connection, payment).await?;
        let (tenant, amount, at) = (intent.tenant, intent.amount(), paid.at);
        match payment.subject {
            SubjectId::Order(order) => {
                let event = IntentPaid { tenant, order, intent: intent.id, amount, at };
                self.outbox.publish(connection, tenant, &event).await?;
            }
            SubjectId::TopUp(top_up) => {
                let event = TopUpPaid { tenant, top_up, intent: intent.id, amount, at };
                self.outbox.publish(connection, tenant, &event).await?;
            }
        }
        if intent.card.is_kept {
            let take_in = TakeInMethods { tenant, intent: intent.id, look: 0 };
            self.jobs.enqueue(connection, Draft::new(tenant, &take_in)).await?;
        }
        self.close_soon(connection, intent).await
    }
}

/// Money to be stored.
pub(crate) struct Taken<'a> {
    pub role: Role,
    pub amount: Money,
    /// The gateway and what it calls the payment; none where the vendor took it.
    pub gateway: Option<(&'a str, &'a str)>,
    pub method: &'a str,
    pub reference: Option<&'a str>,
}
