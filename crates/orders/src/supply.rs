//! Where the goods are delivered: the place of supply, by which the tax is the state's or goes between states;
//! and what of an order is taxable, for the tax that is collected at source when its money comes.

use billing::{Registration, StateCode};
use identity::Caller;
use platform::db::repeat;
use sqlx::PgConnection;
use types::{OrderId, ProductId, TenantId};

use crate::change::Locked;
use crate::order::{NotNow, Order, OrderState};
use crate::sale::sale_line;
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
        self.state_supply(&mut transaction, &order).await?;
        self.announce(&mut transaction, &order).await?;
        Ok(transaction.commit().await?)
    }

    /// Says beside the money that an order asks for what of it is taxable, which it does once it has an intent. The caller holds the
    /// order's lock and its intents.
    pub(crate) async fn state_supply(
        &self,
        connection: &mut PgConnection,
        order: &Order,
    ) -> Result<(), Error> {
        let Some(intent) = order.intent else { return Ok(()) };
        let lines = db::lines::of_order(connection, order.tenant, order.id).await?;
        let ids: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
        let products = self.catalog.products(connection, order.tenant, &ids).await?;
        let recipient = db::recipients::of_order(connection, &self.fields, order.tenant, order.id).await?;
        let to_registered = recipient.is_some_and(|recipient| recipient.gstin.is_some());
        let lines: Vec<_> = lines.into_iter().map(|line| sale_line(line, &products)).collect();
        let place = order.place_of_supply;
        let supply =
            self.billing.taxable_supply(connection, order.tenant, &lines, place, to_registered).await?;
        Ok(self.payments.state_supply(connection, order.tenant, intent, supply.as_ref()).await?)
    }
}
