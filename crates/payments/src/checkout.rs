//! What the gateway's payment sheet told a browser, checked.

use identity::{Acting, Caller, Party};
use serde::Deserialize;
use types::{IntentId, OrderId, TenantId, TopUpId};
use utoipa::ToSchema;

use crate::gateway::{self, Gateway, PaymentState};
use crate::intent::Intent;
use crate::jobs::watch_intent::WatchIntent;
use crate::subject::{Subject, SubjectId};
use crate::view::Shown;
use crate::{Error, PaymentView, Payments, db};

/// What the gateway's payment sheet answers after a success.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct CheckoutAnswer {
    /// The payment.
    pub razorpay_payment_id: String,
    /// The gateway's order that it pays.
    pub razorpay_order_id: String,
    /// The gateway's signature over both.
    pub razorpay_signature: String,
}

impl Payments {
    /// The payment of an order, for a side of its visit.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an order that is not the caller's.
    pub async fn payment_for(&self, caller: &Caller, order: OrderId) -> Result<PaymentView, Error> {
        let shown = self.shown_to(caller, order).await?;
        Ok(shown.view(&self.gateways, self.clock.now()))
    }

    /// Takes in what the payment sheet told the buyer's browser: its signature is checked, and the gateway is asked.
    ///
    /// # Errors
    /// [`Error::CheckoutForged`]; [`Error::NotFound`] for an order that is not the caller's.
    pub async fn check_out(
        &self,
        caller: &Caller,
        order: OrderId,
        answer: &CheckoutAnswer,
    ) -> Result<PaymentView, Error> {
        let shown = self.shown_to(caller, order).await?;
        self.take_answer(&shown.intent, answer).await
    }

    /// Takes in what the payment sheet told the vendor's browser of a top-up, as [`Payments::check_out`] does of an order.
    ///
    /// # Errors
    /// [`Error::CheckoutForged`]; [`Error::NotFound`] for a top-up that is not the caller's.
    pub async fn check_out_top_up(
        &self,
        caller: &Caller,
        top_up: TopUpId,
        answer: &CheckoutAnswer,
    ) -> Result<PaymentView, Error> {
        let tenant = caller.vendor()?.tenant;
        let shown =
            db::shown::find(&mut *self.db.acquire().await?, &self.fields, &[tenant], top_up.into()).await?;
        self.take_answer(&shown.ok_or(Error::NotFound)?.intent, answer).await
    }

    /// Takes in what the payment sheet told a browser of what `shown` is for: its order may have grown since.
    async fn take_answer(&self, shown: &Intent, answer: &CheckoutAnswer) -> Result<PaymentView, Error> {
        self.gateways.chosen(None)?;
        let (gateway_order, payment) = (&answer.razorpay_order_id, &answer.razorpay_payment_id);
        let signed_by = |gateway: &&dyn Gateway| {
            gateway.signed_checkout(gateway_order, payment, &answer.razorpay_signature)
        };
        let Some(gateway) = self.gateways.all().find(signed_by) else {
            tracing::warn!(intent = %shown.id, "a checkout's signature is not the gateway's");
            return Err(Error::CheckoutForged);
        };
        let (tenant, subject) = (shown.tenant, shown.subject.id());
        let intent = self.intent_of_checkout(gateway, tenant, subject, gateway_order).await?;
        match gateway.payment(payment).await {
            Ok(seen) if seen.order.as_ref() != Some(gateway_order) => return Err(Error::CheckoutForged),
            Ok(seen) => {
                self.look_at(gateway, tenant, intent, &seen).await?;
            }
            Err(error) if error.is_final() => return Err(Error::CheckoutForged),
            Err(error) => {
                tracing::warn!(error = %gateway::chain(&error), "a checkout could not be asked for; it is looked at again");
                self.look_again_soon(gateway, tenant, intent, payment).await?;
            }
        }
        self.view_of(&mut *self.db.acquire().await?, tenant, subject).await
    }

    /// The intent that a signed checkout pays: it must be one of this order or top-up.
    async fn intent_of_checkout(
        &self,
        gateway: &dyn Gateway,
        tenant: TenantId,
        subject: SubjectId,
        gateway_order: &str,
    ) -> Result<IntentId, Error> {
        let mut connection = self.db.acquire().await?;
        let found =
            db::gateway::intent_of(&mut connection, gateway.name(), Some(gateway_order), None).await?;
        let (_, intent) = found.filter(|(owner, _)| *owner == tenant).ok_or(Error::CheckoutForged)?;
        let intent = db::intents::find(&mut connection, tenant, intent).await?;
        let intent = intent.filter(|intent| intent.subject.id() == subject);
        intent.map(|intent| intent.id).ok_or(Error::CheckoutForged)
    }

    /// The signature says that the bank said yes, which counts as "being checked" until the gateway can be asked.
    async fn look_again_soon(
        &self,
        gateway: &dyn Gateway,
        tenant: TenantId,
        intent: IntentId,
        payment: &str,
    ) -> Result<(), Error> {
        let authorized = gateway::Payment {
            id: payment.to_owned(),
            state: PaymentState::Authorized,
            amount: None,
            order: None,
            intent: None,
            method: String::new(),
            reference: None,
            captured: false,
            fee_minor: None,
        };
        self.look_at(gateway, tenant, intent, &authorized).await?;
        let watch = WatchIntent { tenant, intent, look: 0 };
        let draft = watch.draft(self.clock.now()).once(format!("{intent}-checkout"));
        self.jobs.enqueue(&mut *self.db.acquire().await?, draft).await?;
        Ok(())
    }

    /// An order's payment, where the caller is a side of its visit.
    pub(crate) async fn shown_to(&self, caller: &Caller, order: OrderId) -> Result<Shown, Error> {
        let tenants: Vec<TenantId> = match caller.acting()? {
            Acting::Vendor(vendor) => vec![vendor.tenant],
            Acting::Buyer(passes) => passes.iter().map(|pass| pass.tenant).collect(),
        };
        let shown =
            db::shown::find(&mut *self.db.acquire().await?, &self.fields, &tenants, order.into()).await?;
        let shown = shown.ok_or(Error::NotFound)?;
        let Subject::Order { visit, .. } = shown.intent.subject else { return Err(Error::NotFound) };
        match caller.party(visit)? {
            Party::Vendor(vendor) if vendor.tenant != shown.intent.tenant => Err(Error::NotFound),
            Party::Buyer(pass) if pass.tenant != shown.intent.tenant => Err(Error::NotFound),
            Party::Vendor(_) | Party::Buyer(_) => Ok(shown),
        }
    }
}
