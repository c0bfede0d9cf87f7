//! Charging a kept card or mandate while its owner is away.
//!
//! Safe to be cut off anywhere: the gateway charges once for an intent, however often it is asked, and what it says of the payment
//! is taken in as its webhook would have been.

use types::{PaymentMethodId, TenantId};

use crate::db::methods;
use crate::gateway::{Asked, Gateway, Kept, Order, Payer};
use crate::intent::Intent;
use crate::{Error, GatewayError, Payments, db};

impl Payments {
    /// Charges the card of an intent.
    pub(crate) async fn charge(
        &self,
        gateway: &dyn Gateway,
        intent: &Intent,
        asked: &Asked<'_>,
        method: PaymentMethodId,
    ) -> Result<(), Error> {
        let kept = methods::find(&mut *self.db.acquire().await?, &self.fields, intent.tenant, method).await?;
        let Some((kept, customer)) = kept.zip(asked.customer) else {
            return Err(GatewayError::Refused("it is kept no longer".to_owned()).into());
        };
        db::intents::set_asked(&mut *self.db.acquire().await?, intent, self.clock.now()).await?;
        let payment = gateway.charge(asked, &Kept { customer, method: &kept.at_gateway }).await?;
        // What the bank has not answered yet is looked at until it has.
        let id = payment.order.clone().unwrap_or_else(|| payment.id.clone());
        let order = Order { id, page: None };
        self.keep_order(gateway, intent, &order).await?;
        self.look_at(gateway, intent.tenant, intent.id, &payment).await?;
        Ok(())
    }

    /// Who a vendor is at a gateway that keeps cards.
    pub(crate) async fn customer_at(&self, gateway: &dyn Gateway, tenant: TenantId) -> Result<String, Error> {
        let known = methods::customer(&mut *self.db.acquire().await?, tenant, gateway.name()).await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let now = self.clock.now();
        let mut connection = self.db.acquire().await?;
        let vendor = self.identity.vendors_of(&mut connection, &[tenant]).await?.pop();
        drop(connection);
        let phone =
            vendor.as_ref().and_then(|vendor| vendor.phone.as_ref()).map(identity::PhoneNumber::as_str);
        let name = vendor.as_ref().map_or("Vendor", |vendor| vendor.name.as_str());
        let payer = Payer { tenant, name, phone };
        let made = gateway.create_customer(&payer, now).await?;
        let mut connection = self.db.acquire().await?;
        methods::insert_customer(&mut connection, tenant, (gateway.name(), &made), now).await?;
        Ok(methods::customer(&mut connection, tenant, gateway.name()).await?.unwrap_or(made))
    }
}
