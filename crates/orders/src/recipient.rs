//! Whom the document of an order names as the buyer: a business with its GSTIN, or somebody whom the law wants named.

use billing::CheckedRecipient;
use catalog::Product;
use identity::Caller;
use platform::db::repeat;
use sqlx::PgConnection;
use types::{OrderId, TenantId};

use crate::change::Locked;
use crate::order::{Line, NotNow, Order, OrderState};
use crate::sale::sale_line;
use crate::view::OrderView;
use crate::{Error, Orders, db};

impl Orders {
    /// Either side says whom the document of an unpaid order names, or that it names nobody.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotNow`] once the money has come: the document then says it already.
    pub(crate) async fn name_recipient(
        &self,
        caller: &Caller,
        id: OrderId,
        recipient: Option<CheckedRecipient>,
    ) -> Result<OrderView, Error> {
        let acting = caller.acting()?;
        let mut connection = self.db.acquire().await?;
        let tenant = self.find(&mut connection, &acting, id).await?.tenant;
        drop(connection);
        repeat(|| self.name_recipient_once(tenant, id, recipient.as_ref())).await?;
        self.show(caller, id).await
    }

    async fn name_recipient_once(
        &self,
        tenant: TenantId,
        id: OrderId,
        recipient: Option<&CheckedRecipient>,
    ) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Locked { order, is_paid } = self.lock(&mut transaction, tenant, id).await?;
        let state = if is_paid { OrderState::Paid } else { order.state };
        if state != OrderState::Open {
            return Err(NotNow(state).into());
        }
        match recipient {
            Some(recipient) => {
                db::recipients::put(&mut transaction, &self.fields, tenant, id, recipient, self.clock.now())
                    .await?;
            }
            None => db::recipients::delete(&mut transaction, tenant, id).await?,
        }
        self.state_supply(&mut transaction, &order).await?;
        self.announce(&mut transaction, &order).await?;
        Ok(transaction.commit().await?)
    }

    /// Whether the document of an unpaid order must name a buyer and nobody is named yet.
    pub(crate) async fn asks_for_recipient(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        (lines, products): (&[Line], &[Product]),
    ) -> Result<bool, Error> {
        if order.state != OrderState::Open {
            return Ok(false);
        }
        let lines: Vec<_> = lines.iter().map(|line| sale_line(line.clone(), products)).collect();
        Ok(self.billing.must_name_recipient(connection, order.tenant, &lines).await?)
    }
}
