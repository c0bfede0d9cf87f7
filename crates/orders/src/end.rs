//! How an order ends: handed over, called off, or not paid in time.

use identity::{Acting, Caller};
use platform::db::repeat;
use sqlx::PgConnection;
use types::{OrderId, TenantId};

use crate::change::{Locked, holds_of, is_overdue};
use crate::order::{NotNow, Order, OrderState, Reason, Step};
use crate::view::OrderView;
use crate::{Error, Orders, db};

impl Orders {
    /// The vendor gave the buyer the goods. Said twice, it was said once.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotNow`] for an order that is not paid.
    pub(crate) async fn hand_over(&self, caller: &Caller, id: OrderId) -> Result<OrderView, Error> {
        let vendor = caller.vendor()?;
        repeat(|| self.hand_over_once(vendor.tenant, id)).await?;
        self.show(caller, id).await
    }

    async fn hand_over_once(&self, tenant: TenantId, id: OrderId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Locked { mut order, .. } = self.lock(&mut transaction, tenant, id).await?;
        if order.state != OrderState::HandedOver {
            self.take_step(&mut transaction, &mut order, Step::HandOver, None).await?;
            self.announce(&mut transaction, &order).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Either side calls an unpaid order off. Said twice, it was said once.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotNow`] for an order that is no longer open, or whose money has just come.
    pub(crate) async fn cancel(&self, caller: &Caller, id: OrderId) -> Result<OrderView, Error> {
        let acting = caller.acting()?;
        let reason = match acting {
            Acting::Vendor(_) => Reason::ByVendor,
            Acting::Buyer(_) => Reason::ByBuyer,
        };
        let tenant = self.find(&mut *self.db.acquire().await?, &acting, id).await?.tenant;
        repeat(|| self.cancel_once(tenant, id, reason)).await?;
        self.show(caller, id).await
    }

    async fn cancel_once(&self, tenant: TenantId, id: OrderId, reason: Reason) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Locked { mut order, is_paid } = self.lock(&mut transaction, tenant, id).await?;
        if order.state == OrderState::Cancelled {
            return Ok(());
        }
        if order.state == OrderState::Open && is_paid {
            return Err(NotNow(OrderState::Paid).into());
        }
        self.close(&mut transaction, &mut order, Step::Cancel, Some(reason)).await?;
        Ok(transaction.commit().await?)
    }

    /// Ends an order whose time is over. One that is paid, or was given more time by a further agreement, stays.
    pub(crate) async fn expire(&self, tenant: TenantId, id: OrderId) -> Result<(), Error> {
        repeat(|| self.expire_once(tenant, id)).await
    }

    async fn expire_once(&self, tenant: TenantId, id: OrderId) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Locked { mut order, is_paid } = self.lock(&mut transaction, tenant, id).await?;
        if is_paid || order.state != OrderState::Open || !is_overdue(&order, self.clock.now()) {
            return Ok(());
        }
        self.expire_locked(&mut transaction, &mut order).await?;
        Ok(transaction.commit().await?)
    }

    /// Ends an order that the caller has locked and found due.
    pub(crate) async fn expire_locked(
        &self,
        connection: &mut PgConnection,
        order: &mut Order,
    ) -> Result<(), Error> {
        self.close(connection, order, Step::Expire, None).await
    }

    /// Frees the stock, stops asking for money, and tells both sides.
    async fn close(
        &self,
        connection: &mut PgConnection,
        order: &mut Order,
        step: Step,
        reason: Option<Reason>,
    ) -> Result<(), Error> {
        self.take_step(connection, order, step, reason).await?;
        self.payments.cancel(connection, order.tenant, order.id).await?;
        let lines = db::lines::of_order(connection, order.tenant, order.id).await?;
        self.catalog.release_holds(connection, order.tenant, &holds_of(&lines)).await?;
        self.announce(connection, order).await
    }
}
