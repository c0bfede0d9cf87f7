//! Payers who come back from the gateway's page.

use identity::Caller;
use platform::jobs::Draft;
use types::{OrderId, TopUpId};

use crate::intent::Intent;
use crate::jobs::watch_intent::WatchIntent;
use crate::{Error, PaymentView, Payments, db};

impl Payments {
    /// The buyer is back from the gateway's page: it is asked soon what came of it, before its news or the next look. What the
    /// buyer's browser says counts for nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an order that is not the caller's.
    pub async fn returned(&self, caller: &Caller, order: OrderId) -> Result<PaymentView, Error> {
        let shown = self.shown_to(caller, order).await?;
        self.look_soon(&shown.intent).await?;
        Ok(shown.view(&self.gateways, self.clock.now()))
    }

    /// The vendor is back from the gateway's page with a top-up, as [`Payments::returned`] for an order.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a top-up that is not the caller's.
    pub async fn returned_with_top_up(&self, caller: &Caller, top_up: TopUpId) -> Result<PaymentView, Error> {
        let tenant = caller.vendor()?.tenant;
        let shown =
            db::shown::find(&mut *self.db.acquire().await?, &self.fields, &[tenant], top_up.into()).await?;
        let shown = shown.ok_or(Error::NotFound)?;
        self.look_soon(&shown.intent).await?;
        Ok(shown.view(&self.gateways, self.clock.now()))
    }

    /// However often somebody says that they are back, one look waits.
    async fn look_soon(&self, intent: &Intent) -> Result<(), Error> {
        if intent.gateway.is_none() || !intent.state.is_live() {
            return Ok(());
        }
        let watch = WatchIntent { tenant: intent.tenant, intent: intent.id, look: 0 };
        let draft = Draft::new(intent.tenant, &watch).once(format!("{}-returned", intent.id));
        self.jobs.enqueue(&mut *self.db.acquire().await?, draft).await?;
        Ok(())
    }
}
