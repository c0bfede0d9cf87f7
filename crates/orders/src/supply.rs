//! Where the goods are delivered: the place of supply, by which the tax is the state's or goes between states.

use billing::{Registration, StateCode};
use identity::Caller;
use platform::db::repeat;
use types::{OrderId, TenantId};

use crate::change::Locked;
use crate::order::{NotNow, OrderState};
use crate::view::OrderView;
use crate::{Error, Orders, db};

impl Orders {
    /// The vendor says which state the goods of an unpaid order are delivered to. Until then it is the stall's own, where they are
    /// handed over.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotNow`] once the money has come: the document then says it already; [`Error::OutsideTheScheme`].
    pub(crate) async fn deliver_to(
        &self,
        caller: &Caller,
        id: OrderId,
        place: StateCode,
    ) -> Result<OrderView, Error> {
        let vendor = caller.vendor()?;
        let profile = self.billing.tax_profile(vendor.tenant).await?;
        if profile.registration == Registration::Composition && profile.state_code != place.code() {
            return Err(Error::OutsideTheScheme);
        }
        repeat(|| self.deliver_to_once(vendor.tenant, id, place)).await?;
        self.show(caller, id).await
    }

    async fn deliver_to_once(&self, tenant: TenantId, id: OrderId, place: StateCode) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Locked { mut order, is_paid } = self.lock(&mut transaction, tenant, id).await?;
        let state = if is_paid { OrderState::Paid } else { order.state };
        if state != OrderState::Open {
            return Err(NotNow(state).into());
        }
        order.place_of_supply = Some(place);
        db::orders::update(&mut transaction, &order, self.clock.now()).await?;
        self.announce(&mut transaction, &order).await?;
        Ok(transaction.commit().await?)
    }
}
