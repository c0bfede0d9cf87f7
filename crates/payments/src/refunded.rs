//! What the gateway says of refunds, whoever asked for them.

use chrono::TimeDelta;
use platform::db::repeat;
use platform::jobs::Draft;
use sqlx::PgConnection;
use types::{Money, RefundId, TenantId};

use crate::db::payments::{self, Payment, Role};
use crate::db::refunds::{self, Refund, RefundState};
use crate::gateway::{self, Gateway};
use crate::intent::{Intent, IntentState};
use crate::jobs::look_back_at_refund::LookBackAtRefund;
use crate::jobs::refund_payment::RefundPayment;
use crate::jobs::watch_refund::WatchRefund;
use crate::{Error, Payments, db};

/// How often a refund that failed at the gateway is made again before the operator has to look.
const ATTEMPTS_MAX: i16 = 5;
/// How long after one that failed.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Why a refund is there that nobody here asked for.
const MADE_ELSEWHERE: &str = "made at the gateway";

/// Which refund of ours the gateway's is.
#[derive(Debug, PartialEq, Eq)]
enum Place<'a> {
    /// This one.
    Known(&'a Refund),
    /// None yet: it was made at the gateway's own dashboard.
    New,
    /// None, and nothing is left that it could be of.
    Nowhere,
}

impl Payments {
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
        let is_sent_back = refund.state == RefundState::Processed
            && refund.at_gateway.as_ref() == Some(&seen.id)
            && seen.state == gateway::RefundState::Failed;
        if is_sent_back {
            self.refund_came_back(&mut transaction, &payment, &intents, refund).await?;
            return Ok(transaction.commit().await?);
        }
        if refund.state.is_over() || (of_another && seen.state != gateway::RefundState::Processed) {
            return Ok(());
        }
        let refund = Refund { at_gateway: Some(seen.id.clone()), ..refund };
        match seen.state {
            gateway::RefundState::Pending => self.wait_for(&mut transaction, refund).await?,
            gateway::RefundState::Failed => self.try_again(&mut transaction, refund).await?,
            gateway::RefundState::Processed => {
                self.refund_done(&mut transaction, &payment, &intents, refund).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The payer has it: the books, the news, and where banks may yet send it back, a look whether they did.
    async fn refund_done(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        intents: &[Intent],
        refund: Refund,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let done = Refund { state: RefundState::Processed, ..refund };
        refunds::update(connection, &done, None, now).await?;
        self.book_refund_made(connection, payment, &done).await?;
        if done.came_back == 0 {
            self.tell_refunded(connection, payment, &done).await?;
        }
        let gateway = self.gateways.find(payment.gateway.as_deref());
        if gateway.is_some_and(Gateway::refunds_may_come_back) {
            let back = LookBackAtRefund { tenant: done.tenant, refund: done.id, look: 0 };
            self.jobs.enqueue(connection, back.draft(now)).await?;
        }
        let intent = intents.iter().find(|intent| intent.id == payment.intent);
        if let Some(intent) = intent.filter(|_| payment.role == Role::Settles) {
            self.part_is_back(connection, intent, payment).await?;
            self.announce(connection, done.tenant, payment.subject).await?;
        }
        Ok(())
    }

    /// The payer's bank sent back what was made: the gateway has the money again, the payer has it still to come, and it is made again.
    async fn refund_came_back(
        &self,
        connection: &mut PgConnection,
        payment: &Payment,
        intents: &[Intent],
        refund: Refund,
    ) -> Result<(), Error> {
        tracing::warn!(refund = %refund.id, "a refund that was made came back");
        let refund = Refund { came_back: refund.came_back.saturating_add(1), ..refund };
        self.book_refund_came_back(connection, payment, &refund).await?;
        self.try_again(connection, refund).await?;
        let intent = intents.iter().find(|intent| intent.id == payment.intent);
        if let Some(intent) = intent.filter(|_| payment.role == Role::Settles) {
            // Not all of it is back any more.
            if intent.state == IntentState::Refunded {
                let now = self.clock.now();
                db::intents::set_state(connection, intent, IntentState::Paid, None, now).await?;
            }
            self.announce(connection, payment.tenant, payment.subject).await?;
        }
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

    /// Leaves a refund to the operator, unless it is of a top-up: then it is credit again. The books keep showing that the buyer is owed the money.
    pub(crate) async fn give_up(
        &self,
        connection: &mut PgConnection,
        refund: Refund,
        why: &str,
    ) -> Result<(), Error> {
        if self.withdraw(connection, &refund, why).await? {
            return Ok(());
        }
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
        let mut said = "nothing new";
        for seen in gateway.refunds_of_payment(gateway_payment).await? {
            let Some(refund) = repeat(|| self.refund_on_record(&payment, &seen)).await? else {
                if seen.state != gateway::RefundState::Failed {
                    said = "more was given back at the gateway than is left: the operator has to look";
                    tracing::error!(refund = seen.id, "a refund at the gateway is of no payment's rest");
                }
                continue;
            };
            self.look_at_refund(tenant, refund, &seen).await?;
            said = "refund seen";
        }
        Ok(said)
    }

    /// The refund that the gateway's is; one that was made at the gateway's own dashboard is put on record first. None where it
    /// cannot be one of this payment's.
    async fn refund_on_record(
        &self,
        payment: &Payment,
        seen: &gateway::Refund,
    ) -> Result<Option<RefundId>, Error> {
        let Some(minor) = seen.amount.map(Money::minor).filter(|minor| *minor > 0) else { return Ok(None) };
        let mut transaction = self.db.begin().await?;
        db::intents::lock_of(&mut transaction, payment.tenant, payment.subject).await?;
        let payment = payments::find(&mut transaction, payment.tenant, payment.id).await?;
        let payment = payment.ok_or(Error::NotFound)?;
        let kept = refunds::of_payment(&mut transaction, payment.tenant, payment.id).await?;
        let id = match place(&payment, &kept, seen, minor) {
            Place::Known(refund) => refund.id,
            Place::Nowhere => return Ok(None),
            Place::New => {
                let asked = (minor, RefundState::Asked);
                let refund = self.put_on_record(&mut transaction, &payment, asked, MADE_ELSEWHERE).await?;
                self.tell_taken_back(&mut transaction, &payment, &refund).await?;
                refund.id
            }
        };
        transaction.commit().await?;
        Ok(Some(id))
    }
}

fn place<'a>(payment: &Payment, kept: &'a [Refund], seen: &gateway::Refund, minor: i64) -> Place<'a> {
    let itself = |refund: &&Refund| {
        refund.at_gateway.as_ref() == Some(&seen.id) || seen.receipt.as_deref() == Some(&*refund.key())
    };
    // One that was withdrawn is over: what comes of it all the same is another.
    let alive = |refund: &&Refund| refund.state != RefundState::Withdrawn;
    if let Some(known) = kept.iter().filter(alive).find(itself) {
        return Place::Known(known);
    }
    if seen.state == gateway::RefundState::Failed {
        return Place::Nowhere;
    }
    let to_make = || kept.iter().filter(|refund| refund.state.is_still_to_make());
    let as_much = |refund: &&Refund| refund.amount_minor == minor;
    // What the gateway would not do for us, somebody did there by hand.
    if let Some(given_up) = to_make().filter(as_much).find(|refund| refund.state == RefundState::Failed) {
        return Place::Known(given_up);
    }
    if payment.left_minor() >= minor {
        return Place::New;
    }
    to_make().find(as_much).map_or(Place::Nowhere, Place::Known)
}

#[cfg(test)]
mod tests {
    use types::PaymentId;
    use uuid::Uuid;

    use super::*;
    use crate::subject::SubjectId;

    fn payment(refunded_minor: i64) -> Payment {
        let id = Uuid::from_u128;
        Payment {
            tenant: id(1).into(),
            id: id(2).into(),
            intent: id(3).into(),
            subject: SubjectId::Order(id(4).into()),
            gateway: Some("razorpay".to_owned()),
            at_gateway: Some("pay_1".to_owned()),
            role: Role::Settles,
            amount_minor: 150_00,
            commission_minor: 3_75,
            refunded_minor,
            commission_back_minor: 0,
            tcs: crate::tcs::Collected::default(),
        }
    }

    fn kept(id: u128, amount_minor: i64, state: RefundState, at_gateway: Option<&str>) -> Refund {
        Refund {
            tenant: Uuid::from_u128(1).into(),
            id: Uuid::from_u128(id).into(),
            payment: PaymentId::from_uuid(Uuid::from_u128(2)),
            amount_minor,
            commission_minor: 0,
            tcs_minor: 0,
            state,
            attempt: 1,
            at_gateway: at_gateway.map(str::to_owned),
            booked_as: Uuid::from_u128(id),
            came_back: 0,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    fn seen(minor: i64) -> gateway::Refund {
        gateway::Refund {
            id: "rfnd_9".to_owned(),
            payment: "pay_1".to_owned(),
            amount: Some(Money::inr(minor)),
            state: gateway::RefundState::Processed,
            receipt: None,
        }
    }

    fn of(refunded: i64, kept: &[Refund], seen: &gateway::Refund) -> String {
        let minor = seen.amount.unwrap().minor();
        match place(&payment(refunded), kept, seen, minor) {
            Place::Known(refund) => format!("known {}", refund.id.uuid().as_u128()),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_refund_is_known_by_the_gateways_id_or_by_what_we_wrote_on_it() {
        let asked = kept(7, 50_00, RefundState::Asked, None);
        let made = kept(8, 50_00, RefundState::Processed, Some("rfnd_9"));
        assert_eq!(of(100_00, &[asked.clone(), made], &seen(50_00)), "known 8");
        let ours = gateway::Refund { receipt: Some(asked.key()), ..seen(50_00) };
        assert_eq!(of(50_00, std::slice::from_ref(&asked), &ours), "known 7");
    }

    #[test]
    fn what_nobody_here_asked_for_is_new_as_long_as_something_is_left() {
        let asked = [kept(7, 50_00, RefundState::Asked, None)];
        assert_eq!(of(50_00, &asked, &seen(50_00)), "New", "both are meant: there is money for both");
        assert_eq!(of(50_00, &asked, &seen(100_00)), "New");
        assert_eq!(of(50_00, &asked, &seen(120_00)), "Nowhere");
    }

    #[test]
    fn what_was_made_by_hand_stands_for_what_the_gateway_refused_us() {
        let failed = [kept(7, 50_00, RefundState::Failed, Some("rfnd_1"))];
        assert_eq!(of(50_00, &failed, &seen(50_00)), "known 7");
        let all = [kept(7, 150_00, RefundState::Asked, None)];
        assert_eq!(of(150_00, &all, &seen(150_00)), "known 7");
        assert_eq!(of(150_00, &all, &seen(60_00)), "Nowhere");
        let made = [kept(7, 150_00, RefundState::Processed, Some("rfnd_1"))];
        assert_eq!(of(150_00, &made, &seen(60_00)), "Nowhere");
    }

    #[test]
    fn a_failure_of_an_attempt_that_is_forgotten_changes_nothing() {
        let failed = gateway::Refund { state: gateway::RefundState::Failed, ..seen(50_00) };
        assert_eq!(of(50_00, &[kept(7, 50_00, RefundState::Asked, None)], &failed), "Nowhere");
    }

    #[test]
    fn commission_goes_back_in_proportion_and_to_the_paisa() {
        let mut payment = payment(0);
        let parts = [33_33, 1_00, 65_67, 49_99, 1];
        let mut back = Vec::new();
        for part in parts {
            let share = payment.commission_share(part);
            back.push(share);
            payment.refunded_minor += part;
            payment.commission_back_minor += share;
            assert_eq!(payment.commission_back_minor, 3_75 * payment.refunded_minor / 150_00);
        }
        assert_eq!((payment.left_minor(), back.iter().sum::<i64>()), (0, 3_75));
    }
}
