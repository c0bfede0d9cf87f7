//! What every change of an order is made of: lock, step, tell both sides.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sync::{Event, Subscriber};
use types::{OrderId, ProductId, Quantity, StockHoldId, TenantId, Unit, VisitId};

use crate::order::{Line, Order, Reason, Step};
use crate::view::{OrderCard, TimelineStep};
use crate::{Error, Orders, db};

/// An order under lock, with its intents.
#[derive(Debug)]
pub(crate) struct Locked {
    pub order: Order,
    /// Whether the money has come, though the job that settles the order may not have run.
    pub is_paid: bool,
}

impl Orders {
    /// Locks an order and then its intents, before anything that touches stock or the sync logs.
    pub(crate) async fn lock(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        order: OrderId,
    ) -> Result<Locked, Error> {
        let order = db::orders::lock(connection, tenant, order).await?.ok_or(Error::NotFound)?;
        self.with_intents(connection, order).await
    }

    /// The visit's open order, locked.
    pub(crate) async fn lock_open(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        visit: VisitId,
    ) -> Result<Option<Locked>, Error> {
        match db::orders::lock_open(connection, tenant, visit).await? {
            Some(order) => self.with_intents(connection, order).await.map(Some),
            None => Ok(None),
        }
    }

    async fn with_intents(&self, connection: &mut PgConnection, order: Order) -> Result<Locked, Error> {
        let is_paid = self.payments.lock_intents(connection, order.tenant, order.id).await?;
        Ok(Locked { order, is_paid })
    }

    /// Takes the order a step on and writes it into the timeline.
    pub(crate) async fn take_step(
        &self,
        connection: &mut PgConnection,
        order: &mut Order,
        step: Step,
        reason: Option<Reason>,
    ) -> Result<(), Error> {
        let at = self.clock.now();
        order.state = order.state.after(step)?;
        db::orders::update(connection, order, at).await?;
        let step = TimelineStep { state: order.state, at, reason };
        db::events::insert(connection, order.tenant, order.id, &step).await?;
        Ok(())
    }

    /// Sets stock aside as long as the order waits.
    pub(crate) async fn hold(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        product: ProductId,
        quantity: Quantity,
        unit: Unit,
    ) -> Result<StockHoldId, Error> {
        let (tenant, until, cause) = (order.tenant, order.hold_until, order.id);
        Ok(self.catalog.hold_stock(connection, tenant, product, quantity, unit, until, cause).await?)
    }

    /// Tells both sides how the order stands now.
    pub(crate) async fn announce(&self, connection: &mut PgConnection, order: &Order) -> Result<(), Error> {
        let data = serde_json::to_value(OrderCard::from(order))?;
        let event = |data| Event { kind: "order", visit_id: Some(order.visit), data };
        let vendor = Subscriber::vendor(order.tenant);
        let guest = Subscriber::guest(order.tenant, order.guest);
        let news = vec![(vendor, event(data.clone())), (guest, event(data))];
        self.sync.publish_all(connection, news).await?;
        Ok(())
    }
}

/// The holds of these lines.
pub(crate) fn holds_of(lines: &[Line]) -> Vec<StockHoldId> {
    lines.iter().map(|line| line.hold).collect()
}

/// Whether the order's time to be paid is over.
pub(crate) fn is_overdue(order: &Order, now: DateTime<Utc>) -> bool {
    order.hold_until <= now
}
