//! The vendor's word that money came.

use identity::Caller;
use platform::db::repeat;
use serde::Deserialize;
use types::{IntentId, OrderId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::intents::Paid;
use crate::db::payments::Role;
use crate::intent::{By, Intent, Received};
use crate::settle::Taken;
use crate::{Error, PaymentView, Payments, db};

/// The vendor saw the money.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct MoneyReceived {
    /// Made by the caller: the same again has no further effect.
    pub client_id: Uuid,
    /// How it came.
    pub method: Received,
    /// The intent on the vendor's screen: where the order asks for another amount by now, the word is not taken.
    #[serde(default)]
    #[schema(nullable = false)]
    pub intent_id: Option<IntentId>,
}

impl Payments {
    /// Takes the vendor's word that an order's money came without the gateway.
    ///
    /// # Errors
    /// [`Error::AlreadyPaid`], [`Error::Closed`], [`Error::AmountChanged`], [`Error::ClientIdReused`]; [`Error::NotFound`] for another stall's order.
    pub async fn money_received(
        &self,
        caller: &Caller,
        order: OrderId,
        received: MoneyReceived,
    ) -> Result<PaymentView, Error> {
        let tenant = caller.vendor()?.tenant;
        repeat(|| self.take_word(tenant, order, received)).await
    }

    async fn take_word(
        &self,
        tenant: TenantId,
        order: OrderId,
        received: MoneyReceived,
    ) -> Result<PaymentView, Error> {
        let mut transaction = self.db.begin().await?;
        let intents = db::intents::lock_of(&mut transaction, tenant, order.into()).await?;
        if let Some(settled) = intents.iter().find(|intent| intent.state.is_settled()) {
            said_before(settled, received)?;
            return self.payment_of(&mut transaction, tenant, order).await;
        }
        let intent = intents.iter().find(|intent| intent.state.is_live());
        let intent = intent.ok_or(if intents.is_empty() { Error::NotFound } else { Error::Closed })?;
        if received.intent_id.is_some_and(|seen| seen != intent.id) {
            return Err(Error::AmountChanged);
        }
        let taken = Taken {
            role: Role::Settles,
            amount: intent.amount(),
            gateway: None,
            method: received.method.as_str(),
            reference: None,
        };
        let payment = self.store(&mut transaction, intent, &taken).await?.ok_or(Error::AlreadyPaid)?;
        let paid = Paid { client_id: Some(received.client_id), ..self.paid(By::Vendor, &taken) };
        self.settle(&mut transaction, intent, &payment, &paid).await?;
        self.announce(&mut transaction, tenant, order.into()).await?;
        let view = self.payment_of(&mut transaction, tenant, order).await?;
        transaction.commit().await?;
        Ok(view)
    }
}

/// Whether this very word was given before.
fn said_before(settled: &Intent, received: MoneyReceived) -> Result<(), Error> {
    if settled.received_client_id != Some(received.client_id) {
        return Err(Error::AlreadyPaid);
    }
    let same = settled.method.as_deref() == Some(received.method.as_str());
    if same { Ok(()) } else { Err(Error::ClientIdReused) }
}
