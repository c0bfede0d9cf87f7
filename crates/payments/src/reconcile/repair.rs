//! What an operator does about an exception.

use chrono::{DateTime, SecondsFormat, Utc};
use identity::audit::{self, Act, Area, Deed};
use identity::{Caller, OperatorReason};
use platform::db::repeat;
use platform::page::{Page, PageQuery};
use types::PersonId;

use super::exception::{ExceptionState, ExceptionView, Repair};
use crate::db::payments::{self, Payment};
use crate::db::reconcile::exceptions::{self, Exception};
use crate::db::reconcile::lines;
use crate::db::refunds::{self, Refund};
use crate::gateway::{Gateway, News, PaymentState};
use crate::ids::ExceptionId;
use crate::settle::Outcome;
use crate::{Error, Payments};

impl Payments {
    /// A page of exceptions, newest first, for the operator.
    ///
    /// # Errors
    /// The caller is no operator; whatever the database says.
    pub async fn exceptions(
        &self,
        caller: &Caller,
        state: Option<ExceptionState>,
        query: PageQuery,
    ) -> Result<Page<ExceptionView>, Error> {
        caller.operator()?;
        let found = exceptions::list(&mut *self.db.acquire().await?, state, query).await?;
        Ok(query.page(found, |exception| exception.id.uuid()))
    }

    /// Puts an exception right as it suggests. Whoever else is at it comes to the same. Who and why is kept with it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NotFound`], [`Error::ExceptionClosed`]; [`Error::NotRepairable`] where
    /// a machine cannot, or not any more; [`Error::Gateway`], [`Error::NoGateway`].
    pub async fn repair_exception(
        &self,
        caller: &Caller,
        id: ExceptionId,
        why: &OperatorReason,
    ) -> Result<ExceptionView, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        let exception = self.open_exception(id).await?;
        if exception.view.repair == Repair::Look {
            return Err(Error::NotRepairable);
        }
        let gateway = self.gateways.of(Some(&exception.view.gateway))?;
        self.put_right(gateway, &exception).await?;
        self.close_exception(id, ExceptionState::Repaired, person, &reason).await
    }

    /// Leaves an exception as it is. Who and why is kept with it.
    ///
    /// # Errors
    /// The caller is no operator; [`Error::Reason`], [`Error::NotFound`], [`Error::ExceptionClosed`].
    pub async fn dismiss_exception(
        &self,
        caller: &Caller,
        id: ExceptionId,
        why: &OperatorReason,
    ) -> Result<ExceptionView, Error> {
        let person = caller.operator()?;
        let reason = why.line().map_err(Error::Reason)?;
        self.open_exception(id).await?;
        self.close_exception(id, ExceptionState::Dismissed, person, &reason).await
    }

    async fn open_exception(&self, id: ExceptionId) -> Result<Exception, Error> {
        let found = exceptions::find(&mut *self.db.acquire().await?, id).await?.ok_or(Error::NotFound)?;
        if found.view.state == ExceptionState::Open { Ok(found) } else { Err(Error::ExceptionClosed) }
    }

    async fn close_exception(
        &self,
        id: ExceptionId,
        state: ExceptionState,
        person: PersonId,
        reason: &str,
    ) -> Result<ExceptionView, Error> {
        let now = self.clock.now();
        let line = line(state, person, reason, now);
        let mut transaction = self.db.begin().await?;
        if !exceptions::close(&mut transaction, id, state, &line, now).await? {
            return Err(Error::ExceptionClosed);
        }
        let closed = exceptions::find(&mut transaction, id).await?.ok_or(Error::NotFound)?.view;
        let deed = if state == ExceptionState::Repaired { Deed::PutRight } else { Deed::LeftAsItIs };
        let act = Act::by(person, Area::Reconciliation, deed, now).about(id.uuid()).because(reason);
        audit::keep(&mut transaction, closed.tenant_id.map_or(act, |tenant| act.in_business(tenant))).await?;
        transaction.commit().await?;
        tracing::info!(exception = %id, %person, reason, "an exception of the reconciliation is closed");
        Ok(closed)
    }

    async fn put_right(&self, gateway: &dyn Gateway, exception: &Exception) -> Result<(), Error> {
        match exception.view.repair {
            Repair::TakeInPayment | Repair::SendBack => self.take_in(gateway, &exception.view.subject).await,
            Repair::TakeInRefund => self.take_in_refund(gateway, exception).await,
            Repair::AcceptFee => self.accept_fee(gateway, exception).await,
            Repair::PostAgain => self.post_again(exception).await,
            Repair::Look => Err(Error::NotRepairable),
        }
    }

    /// Takes a payment in as its webhook would have: what settles, settles; what is one too many goes back.
    async fn take_in(&self, gateway: &dyn Gateway, id: &str) -> Result<(), Error> {
        let payment = gateway.payment(id).await?;
        if payment.state != PaymentState::Captured {
            return Err(Error::NotRepairable);
        }
        let found =
            self.intent_of(&mut *self.db.acquire().await?, gateway, &News::default(), &payment).await?;
        let (tenant, intent) = found.ok_or(Error::NotRepairable)?;
        match self.look_at(gateway, tenant, intent, &payment).await? {
            Outcome::Foreign => Err(Error::NotRepairable),
            _ => Ok(()),
        }
    }

    /// Takes a refund in as its webhook would have. One that is still on no record is more than was left.
    async fn take_in_refund(&self, gateway: &dyn Gateway, exception: &Exception) -> Result<(), Error> {
        let tenant = exception.view.tenant_id.ok_or(Error::NotRepairable)?;
        let payment = exception.view.gateway_payment_id.as_deref().ok_or(Error::NotRepairable)?;
        self.look_at_refunds_of(gateway, tenant, payment).await?;
        self.refund_in(exception).await.map(drop)
    }

    async fn accept_fee(&self, gateway: &dyn Gateway, exception: &Exception) -> Result<(), Error> {
        let payment = self.payment_in(exception).await?;
        let settlement = exception.view.settlement_id.as_deref().ok_or(Error::NotRepairable)?;
        let mut connection = self.db.acquire().await?;
        let entity = &exception.view.subject;
        let stored = lines::accept_fee(&mut connection, gateway.name(), entity, settlement).await?;
        drop(connection);
        let stored = stored.filter(|stored| !stored.booked_elsewhere).ok_or(Error::NotRepairable)?;
        self.book_line(&stored.line, &payment).await?;
        Ok(())
    }

    /// Writes the postings that a payment must have, under their own keys: those that are there stay as they are.
    async fn post_again(&self, exception: &Exception) -> Result<(), Error> {
        let payment = self.payment_in(exception).await?;
        let is_refund = payment.at_gateway.as_deref() != Some(exception.view.subject.as_str());
        let refund = if is_refund { Some(self.refund_in(exception).await?) } else { None };
        repeat(|| self.write_posting(&payment, refund.as_ref())).await
    }

    async fn write_posting(&self, payment: &Payment, refund: Option<&Refund>) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        match refund {
            Some(refund) => self.book_refund_made(&mut transaction, payment, refund).await?,
            None => self.book_payment(&mut transaction, payment).await?,
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The refund on record that the exception is about.
    async fn refund_in(&self, exception: &Exception) -> Result<Refund, Error> {
        let payment = self.payment_in(exception).await?;
        let kept = refunds::of_payment(&mut *self.db.acquire().await?, payment.tenant, payment.id).await?;
        let subject = Some(exception.view.subject.as_str());
        kept.into_iter().find(|kept| kept.at_gateway.as_deref() == subject).ok_or(Error::NotRepairable)
    }

    async fn payment_in(&self, exception: &Exception) -> Result<Payment, Error> {
        let (tenant, payment) =
            exception.view.tenant_id.zip(exception.payment).ok_or(Error::NotRepairable)?;
        let found = payments::find(&mut *self.db.acquire().await?, tenant, payment).await?;
        found.ok_or(Error::NotRepairable)
    }
}

fn line(state: ExceptionState, person: PersonId, reason: &str, now: DateTime<Utc>) -> String {
    let at = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{} {at} by {person}: {reason}", state.as_str())
}
