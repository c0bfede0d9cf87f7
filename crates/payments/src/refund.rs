//! Giving money back, whole or in parts.
//!
//! A payment has several refunds. What they come to is counted with the payment, under its intent's lock and under a constraint, so
//! that they never give back more than came. The commission goes back in the same proportion, to the paisa once everything is back,
//! and so does the tax that was collected at source.

use chrono::{DateTime, Utc};
use platform::db::violated_constraint;
use platform::jobs::Draft;
use serde::Serialize;
use sqlx::PgConnection;
use types::{Money, OrderId, RefundId, TenantId};
use utoipa::ToSchema;

use crate::db::payments::{self, Payment};
use crate::db::refunds::{self, Refund, RefundState};
use crate::intent::{By, Intent, IntentState};
use crate::jobs::refund_payment::RefundPayment;
use crate::subject::SubjectId;
use crate::{Error, PaymentRefunded, Payments, db};

/// So many parts are asked for of one payment; its gateway lists no more at once than twice as many.
pub const PARTS_MAX: usize = 50;

/// What giving a part of an order's money back comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundPreview {
    /// What goes back to the buyer.
    pub amount: Money,
    /// The commission that the vendor gets back with it.
    pub commission: Money,
    /// The tax collected at source that the vendor gets back with it, where some was collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcs: Option<Money>,
    /// What can go back after that.
    pub left: Money,
    /// Who sends it: the gateway, or the vendor by hand.
    pub by: By,
}

/// A refund as its order shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Refund)]
pub struct RefundView {
    /// The refund.
    pub id: RefundId,
    /// What goes back.
    pub amount: Money,
    /// The commission that goes back to the vendor with it.
    pub commission: Money,
    /// The tax collected at source that goes back to the vendor with it, where some was collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcs: Option<Money>,
    /// Where it stands.
    pub state: RefundState,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// An order's payment, with its intent locked.
struct Settled {
    intent: Intent,
    payment: Payment,
}

impl Payments {
    /// Gives back what is left of an order's money, in the caller's transaction. What the gateway took goes back by a job, and
    /// [`PaymentRefunded`] is published when the buyer has it; what the vendor took is theirs to give back, and is marked so at once.
    ///
    /// Where nothing is left this has no effect.
    ///
    /// # Errors
    /// [`Error::NotPaid`], [`Error::Disputed`]; whatever the books or the database say.
    pub async fn refund(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
        reason: &str,
    ) -> Result<(), Error> {
        let settled = self.settled(connection, tenant, order).await?;
        match settled.payment.left_minor() {
            0 => Ok(()),
            left => self.give_back(connection, &settled, left, reason).await.map(drop),
        }
    }

    /// Gives a part of an order's money back, as [`Payments::refund`] does.
    ///
    /// # Errors
    /// [`Error::NotPaid`], [`Error::Disputed`]; [`Error::RefundTooLarge`]; [`Error::AmountTooSmall`] where the gateway would not make it, or not what it
    /// leaves; [`Error::TooManyRefunds`]; whatever the books or the database say.
    pub async fn refund_part(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
        amount: Money,
        reason: &str,
    ) -> Result<RefundId, Error> {
        let settled = self.settled(connection, tenant, order).await?;
        self.check_part(&settled.payment, amount)?;
        if refunds::of_payment(connection, tenant, settled.payment.id).await?.len() >= PARTS_MAX {
            return Err(Error::TooManyRefunds);
        }
        self.give_back(connection, &settled, amount.minor(), reason).await
    }

    /// What giving a part back would come to. The caller holds the order's intents.
    ///
    /// # Errors
    /// As [`Payments::refund_part`].
    pub async fn preview_refund(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
        amount: Money,
    ) -> Result<RefundPreview, Error> {
        let Settled { payment, .. } = self.settled(connection, tenant, order).await?;
        self.check_part(&payment, amount)?;
        Ok(RefundPreview {
            amount,
            commission: Money::inr(payment.commission_share(amount.minor())),
            tcs: (payment.tcs.minor > 0).then(|| Money::inr(payment.tcs_share(amount.minor()).minor)),
            left: Money::inr(payment.left_minor() - amount.minor()),
            by: if payment.gateway.is_some() { By::Gateway } else { By::Vendor },
        })
    }

    /// The refunds of an order's payment, oldest first.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn refunds_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<Vec<RefundView>, Error> {
        let refunds = refunds::of_order(connection, tenant, order).await?;
        Ok(refunds.iter().map(RefundView::from).collect())
    }

    /// What buyers' banks took for good of an order's payment, by disputes that were lost: each as a refund under the dispute's id.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn lost_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<Vec<RefundView>, Error> {
        Ok(db::disputes::lost_of_order(connection, tenant, order).await?)
    }

    /// Whether so much may go back: no more than is left, and neither it nor what it leaves less than the gateway takes.
    fn check_part(&self, payment: &Payment, amount: Money) -> Result<(), Error> {
        let gateway = self.gateways.find(payment.gateway.as_deref());
        let least = gateway.map_or(Money::inr(1), crate::gateway::Gateway::amount_min);
        let left = payment.left_minor();
        if amount.minor() > left {
            return Err(Error::RefundTooLarge(Money::inr(left)));
        }
        let leaves_too_little = (1..least.minor()).contains(&(left - amount.minor()));
        if amount.minor() < least.minor() || leaves_too_little {
            return Err(Error::AmountTooSmall(least));
        }
        Ok(())
    }

    /// What settled an order and is not disputed, with all of its intents locked.
    async fn settled(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<Settled, Error> {
        let intents = db::intents::lock_of(connection, tenant, order.into()).await?;
        let intent = intents.into_iter().find(|intent| intent.state.is_settled()).ok_or(Error::NotPaid)?;
        let payment = payments::settling(connection, tenant, intent.id).await?.ok_or(Error::NotPaid)?;
        if db::disputes::is_disputed(connection, tenant, payment.id).await? {
            return Err(Error::Disputed);
        }
        Ok(Settled { intent, payment })
    }

    async fn give_back(
        &self,
        connection: &mut PgConnection,
        Settled { intent, payment }: &Settled,
        minor: i64,
        reason: &str,
    ) -> Result<RefundId, Error> {
        let refund = self.send_back(connection, payment, minor, reason).await?;
        if refund.state == RefundState::ByVendor {
            self.part_is_back(connection, intent, payment).await?;
        }
        self.announce_soon(connection, payment.tenant, payment.subject).await?;
        Ok(refund.id)
    }

    /// Has so much of a payment given back: by the gateway that took it, else by the vendor's hand.
    pub(crate) async fn send_back(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        minor: i64,
        reason: &str,
    ) -> Result<Refund, Error> {
        let is_at_gateway = payment.at_gateway.is_some();
        let state = if is_at_gateway { RefundState::Asked } else { RefundState::ByVendor };
        let refund = self.put_on_record(connection, payment, (minor, state), reason).await?;
        if is_at_gateway {
            let job = RefundPayment { tenant: payment.tenant, refund: refund.id };
            self.jobs.enqueue(connection, Draft::new(payment.tenant, &job)).await?;
        }
        Ok(refund)
    }

    /// Stores a refund, counts it with its payment and books that it is owed.
    pub(crate) async fn put_on_record(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        (minor, state): (i64, RefundState),
        reason: &str,
    ) -> Result<Refund, Error> {
        let at = self.clock.now();
        let id = self.entropy.id(at);
        let commission_minor = payment.commission_share(minor);
        let tcs = payment.tcs_share(minor);
        let new = refunds::New { id, amount_minor: minor, commission_minor, tcs, reason, state, at };
        refunds::insert(connection, payment, &new).await.map_err(|error| too_large(payment, error))?;
        let refund = Refund {
            tenant: payment.tenant,
            id,
            payment: payment.id,
            amount_minor: minor,
            commission_minor,
            tcs_minor: tcs.minor,
            state,
            attempt: 1,
            at_gateway: None,
            booked_as: id.uuid(),
            came_back: 0,
            created_at: at,
        };
        self.book_refund_asked(connection, payment, &refund).await?;
        Ok(refund)
    }

    /// A part of an order's money is back: the order hears of it. Once all of it is, the intent says so.
    pub(crate) async fn part_is_back(
        &self,
        connection: &mut PgConnection,
        intent: &Intent,
        payment: &Payment,
    ) -> Result<(), Error> {
        let is_all = refunds::made_minor(connection, payment).await? >= payment.amount_minor;
        if is_all && intent.state.may_become(IntentState::Refunded) {
            let now = self.clock.now();
            db::intents::set_state(connection, intent, IntentState::Refunded, None, now).await?;
        }
        if let SubjectId::Order(order) = payment.subject {
            let event = PaymentRefunded { tenant: payment.tenant, order, intent: payment.intent };
            self.outbox.publish(connection, payment.tenant, &event).await?;
        }
        Ok(())
    }
}

impl From<&Refund> for RefundView {
    fn from(refund: &Refund) -> Self {
        Self {
            id: refund.id,
            amount: refund.amount(),
            commission: Money::inr(refund.commission_minor),
            tcs: (refund.tcs_minor > 0).then(|| Money::inr(refund.tcs_minor)),
            state: refund.state,
            created_at: refund.created_at,
        }
    }
}

/// Whoever did not wait for the intent's lock is refused by the constraint.
fn too_large(payment: &Payment, error: sqlx::Error) -> Error {
    match violated_constraint(&error) {
        Some("payments_refunded_within_amount") => Error::RefundTooLarge(Money::inr(payment.left_minor())),
        _ => error.into(),
    }
}
