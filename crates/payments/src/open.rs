//! Asking for money, and no longer asking.

use platform::jobs::Draft;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{IntentId, OrderId, TenantId};

use crate::gateway::Gateway;
use crate::intent::{Ask, Intent, IntentState, NewIntent};
use crate::jobs::announce_payment::AnnouncePayment;
use crate::jobs::close_intent::CloseIntent;
use crate::jobs::prepare_intent::PrepareIntent;
use crate::subject::{Subject, SubjectId};
use crate::view::{PaymentNews, TopUpNews};
use crate::{Error, PaymentView, Payments, db};

impl Payments {
    /// Asks for an order's money, in the caller's transaction. An intent of the order that waits is replaced. The gateway is
    /// asked by a job; both sides hear of it by another, so that nothing is locked here that comes later than intents.
    ///
    /// # Errors
    /// [`Error::AlreadyPaid`]; whatever the database says.
    pub async fn open_intent(
        &self,
        connection: &mut PgConnection,
        new: &NewIntent,
    ) -> Result<IntentId, Error> {
        let gateway = self.gateways.all().next();
        let gateway = gateway.filter(|gateway| new.amount.minor() >= gateway.amount_min().minor());
        self.ask(connection, gateway, new.into()).await
    }

    /// Asks for money, at the gateway where one is given. An intent of the same subject that waits is replaced.
    pub(crate) async fn ask(
        &self,
        connection: &mut PgConnection,
        gateway: Option<&dyn Gateway>,
        ask: Ask,
    ) -> Result<IntentId, Error> {
        let now = self.clock.now();
        let (tenant, subject) = (ask.tenant, ask.subject.id());
        let intents = db::intents::lock_of(connection, tenant, subject).await?;
        if intents.iter().any(|intent| intent.state.is_settled()) {
            return Err(Error::AlreadyPaid);
        }
        self.end_waiting(connection, &intents, IntentState::Replaced).await?;
        let id = self.entropy.id(now);
        let state = if gateway.is_some() { IntentState::Preparing } else { IntentState::Waiting };
        db::intents::insert(connection, id, ask, state, gateway.map(Gateway::name), now).await?;
        if gateway.is_some() {
            let prepare = Draft::new(tenant, &PrepareIntent { tenant, intent: id });
            self.jobs.enqueue(connection, prepare).await?;
        }
        self.announce_soon(connection, tenant, subject).await?;
        Ok(id)
    }

    /// Locks an order's intents until the caller's transaction ends, and tells whether the money has come: even if it went
    /// back later. Whoever changes the order locks them first, before stock and before the sync logs.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn lock_intents(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<bool, Error> {
        let intents = db::intents::lock_of(connection, tenant, order.into()).await?;
        Ok(intents.iter().any(|intent| intent.state.is_settled()))
    }

    /// What an order's money stands at.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none was ever asked for.
    pub async fn payment_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<PaymentView, Error> {
        self.view_of(connection, tenant, order.into()).await
    }

    /// What the money of an order or a top-up stands at.
    pub(crate) async fn view_of(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        subject: SubjectId,
    ) -> Result<PaymentView, Error> {
        let shown =
            db::shown::find(connection, &self.fields, &[tenant], subject).await?.ok_or(Error::NotFound)?;
        Ok(shown.view(&self.gateways, self.clock.now()))
    }

    /// No longer asks for an order's money, in the caller's transaction: the order was called off or its time is over. What is paid
    /// stays paid; money that is under way and comes later is published as [`crate::IntentPaid`] all the same.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn cancel(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<(), Error> {
        let intents = db::intents::lock_of(connection, tenant, order.into()).await?;
        if self.end_waiting(connection, &intents, IntentState::Expired).await? {
            self.announce_soon(connection, tenant, order.into()).await?;
        }
        Ok(())
    }

    /// Ends what can still be paid of these intents; tells whether there was one.
    pub(crate) async fn end_waiting(
        &self,
        connection: &mut PgConnection,
        intents: &[Intent],
        end: IntentState,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let mut ended = false;
        for intent in intents.iter().filter(|intent| intent.state.may_become(end)) {
            // What is authorised is looked after until it is captured or given back.
            let pending = intent.pending_payment.as_deref();
            db::intents::set_state(connection, intent, end, pending, now).await?;
            self.close_soon(connection, intent).await?;
            ended = true;
        }
        Ok(ended)
    }

    /// Has the gateway's code closed, so that nobody pays by it any more.
    pub(crate) async fn close_soon(
        &self,
        connection: &mut PgConnection,
        intent: &Intent,
    ) -> Result<(), Error> {
        if intent.gateway.is_some() {
            let close = CloseIntent { tenant: intent.tenant, intent: intent.id };
            self.jobs.enqueue(connection, Draft::new(intent.tenant, &close)).await?;
        }
        Ok(())
    }

    /// Tells whom it concerns what the money stands at, after the caller's transaction.
    pub(crate) async fn announce_soon(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        subject: SubjectId,
    ) -> Result<(), Error> {
        // Each change has a job of its own: one that waits already may run before this transaction is there to be seen.
        let announce = Draft::new(tenant, &AnnouncePayment { tenant, subject });
        self.jobs.enqueue(connection, announce).await?;
        Ok(())
    }

    /// Tells whom it concerns what the money stands at, as the last thing of a transaction: both sides of an order's visit, the
    /// vendor of a top-up.
    pub(crate) async fn announce(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        subject: SubjectId,
    ) -> Result<(), Error> {
        let shown =
            db::shown::find(connection, &self.fields, &[tenant], subject).await?.ok_or(Error::NotFound)?;
        let subject = shown.intent.subject.clone();
        let payment = &shown.view(&self.gateways, self.clock.now());
        let vendor = Subscriber::vendor(tenant);
        let events = match subject {
            Subject::Order { id, visit, guest, .. } => {
                let data = as_data(&PaymentNews { order_id: id, payment })?;
                let event = Event { kind: "payment", visit_id: Some(visit), data };
                vec![(vendor, event.clone()), (Subscriber::guest(tenant, guest), event)]
            }
            Subject::TopUp { id, .. } => {
                let data = as_data(&TopUpNews { top_up_id: id, payment })?;
                vec![(vendor, Event { kind: "top_up", visit_id: None, data })]
            }
        };
        self.sync.publish_all(connection, events).await?;
        Ok(())
    }
}

fn as_data(news: &impl Serialize) -> Result<Value, sqlx::Error> {
    serde_json::to_value(news).map_err(|error| sqlx::Error::Encode(error.into()))
}
