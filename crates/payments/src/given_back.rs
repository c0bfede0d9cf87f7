//! Top-ups that are given back.
//!
//! Whose credit it was decides what may go back, and takes it out of the credit first: the money comes to the refund through the
//! account [`RETURNED`]. Where the gateway finally will not make the refund it is *withdrawn*: the money is in that account again. Where
//! a top-up was given back at the gateway itself, nobody was asked: the account goes below nothing until whose credit it was fills it.

use sqlx::PgConnection;
use types::{Money, RefundId, TenantId, TopUpId};

use crate::db::payments::{self, Payment, Role};
use crate::db::refunds::{self, Refund, RefundState};
use crate::refund::PARTS_MAX;
use crate::subject::SubjectId;
use crate::{Error, Payments, TopUpRefundRefused, TopUpRefunded, TopUpTakenBack, db};

/// The code of the account between credit and the refunds of top-ups, in a vendor's books: a credit account in rupees without a limit.
pub const RETURNED: &str = "credits:returned";

impl Payments {
    /// Locks a top-up's intents: before whatever else [`Payments::refund_top_up`] needs.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn lock_top_up(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        top_up: TopUpId,
    ) -> Result<(), Error> {
        db::intents::lock_of(connection, tenant, top_up.into()).await?;
        Ok(())
    }

    /// Gives a part of a top-up's money back to where it was paid from, in the caller's transaction, out of the account [`RETURNED`].
    /// It goes by a job; [`TopUpRefunded`] or [`TopUpRefundRefused`] says what became of it.
    ///
    /// # Errors
    /// [`Error::NotPaid`], also where no gateway took it; [`Error::RefundTooLarge`]; [`Error::AmountTooSmall`] where the gateway would
    /// not make it; [`Error::TooManyRefunds`]; whatever the books or the database say.
    pub async fn refund_top_up(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        top_up: TopUpId,
        amount: Money,
        reason: &str,
    ) -> Result<RefundId, Error> {
        let intents = db::intents::lock_of(connection, tenant, top_up.into()).await?;
        let intent = intents.iter().find(|intent| intent.state.is_settled()).ok_or(Error::NotPaid)?;
        let payment = payments::settling(connection, tenant, intent.id).await?.ok_or(Error::NotPaid)?;
        let least = self.gateways.of(payment.gateway.as_deref())?.amount_min();
        if amount.minor() > payment.left_minor() {
            return Err(Error::RefundTooLarge(Money::inr(payment.left_minor())));
        }
        if amount.minor() < least.minor() {
            return Err(Error::AmountTooSmall(least));
        }
        if refunds::of_payment(connection, tenant, payment.id).await?.len() >= PARTS_MAX {
            return Err(Error::TooManyRefunds);
        }
        Ok(self.send_back(connection, &payment, amount.minor(), reason).await?.id)
    }

    /// Tells whose credit it was that a top-up's refund was made.
    pub(crate) async fn tell_refunded(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), Error> {
        let (Role::Settles, SubjectId::TopUp(top_up)) = (payment.role, payment.subject) else {
            return Ok(());
        };
        let event = TopUpRefunded { tenant: payment.tenant, top_up, refund: refund.id };
        Ok(self.outbox.publish(connection, payment.tenant, &event).await?)
    }

    /// Tells whose credit it was that a top-up was given back at the gateway itself.
    pub(crate) async fn tell_taken_back(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        refund: &Refund,
    ) -> Result<(), Error> {
        let (Role::Settles, SubjectId::TopUp(top_up)) = (payment.role, payment.subject) else {
            return Ok(());
        };
        let (tenant, amount) = (payment.tenant, refund.amount());
        let event = TopUpTakenBack { tenant, top_up, refund: refund.id, amount };
        Ok(self.outbox.publish(connection, tenant, &event).await?)
    }

    /// Ends a top-up's refund that the gateway will not make: the money is whose credit it was; false where it is no top-up's.
    pub(crate) async fn withdraw(
        &self,
        connection: &mut PgConnection,
        refund: &Refund,
        why: &str,
    ) -> Result<bool, Error> {
        let payment =
            payments::find(connection, refund.tenant, refund.payment).await?.ok_or(Error::NotFound)?;
        let (Role::Settles, SubjectId::TopUp(top_up)) = (payment.role, payment.subject) else {
            return Ok(false);
        };
        // Whose credit it was has been told that it is made: one that came back is for the operator.
        if refund.came_back > 0 {
            return Ok(false);
        }
        let withdrawn = Refund { state: RefundState::Withdrawn, ..refund.clone() };
        refunds::update(connection, &withdrawn, Some(why), self.clock.now()).await?;
        refunds::uncount(connection, refund).await?;
        self.book_refund_withdrawn(connection, &payment, refund).await?;
        let event = TopUpRefundRefused { tenant: refund.tenant, top_up, refund: refund.id };
        self.outbox.publish(connection, refund.tenant, &event).await?;
        Ok(true)
    }
}
