//! An agreement becomes an order, or a further line of the visit's unpaid one.

use chrono::{DateTime, Utc};
use payments::NewIntent;
use platform::jobs::Draft;
use sqlx::PgConnection;
use types::{IntentId, ProductId};

use crate::change::{Locked, holds_of, is_overdue};
use crate::jobs::expire_order::ExpireOrder;
use crate::order::{Agreement, HOLD_FOR, LINES_MAX, Line, Order, OrderState, Step};
use crate::view::{OrderCard, TimelineStep};
use crate::{Error, Orders, db};

/// What a visit has standing when something more is agreed.
enum Standing {
    /// No open order.
    Nothing,
    /// The unpaid order, with its lines: it is joined.
    Unpaid(Box<Order>, Vec<Line>),
    /// An order that is open in name only: its money has come, or its time is over.
    Over(Box<Locked>),
}

impl Orders {
    /// Opens an order for what was agreed, or joins the visit's unpaid one: holds the stock, asks for the whole amount, and sets the
    /// time by which it must be paid. The caller's transaction makes all of it stand, and holds the visit's lock.
    ///
    /// # Errors
    /// [`Error::Catalog`] where less is left than was agreed; [`Error::Full`]. The caller's transaction must then be undone.
    pub async fn agree(
        &self,
        connection: &mut PgConnection,
        agreement: &Agreement,
    ) -> Result<OrderCard, Error> {
        let now = self.clock.now();
        let (mut order, lines) = match self.standing(connection, agreement, now).await? {
            Standing::Unpaid(order, lines) => (*order, lines),
            Standing::Over(order) => (self.open_after(connection, *order, agreement, now).await?, Vec::new()),
            Standing::Nothing => {
                let number = db::counters::next(connection, agreement.tenant).await?;
                (self.open(connection, number, agreement, now).await?, Vec::new())
            }
        };
        if lines.len() >= LINES_MAX {
            return Err(Error::Full);
        }
        order.hold_until = now + HOLD_FOR;
        order.total = lines.iter().try_fold(agreement.total, |sum, line| sum.plus(line.total))?;
        order.buyer_language = agreement.buyer_language;
        order.vendor_language = agreement.vendor_language;
        order.intent = Some(self.ask_for_money(connection, &order).await?);
        self.sell_on_hold(connection, &order, &lines, agreement).await?;
        db::orders::update(connection, &order, now).await?;
        self.state_supply(connection, &order).await?;
        let expiry = ExpireOrder { tenant: order.tenant, order: order.id };
        self.jobs.enqueue(connection, Draft::new(order.tenant, &expiry).at(order.hold_until)).await?;
        self.announce(connection, &order).await?;
        Ok(OrderCard::from(&order))
    }

    /// What the visit has standing, locked with its intents.
    async fn standing(
        &self,
        connection: &mut PgConnection,
        agreement: &Agreement,
        now: DateTime<Utc>,
    ) -> Result<Standing, Error> {
        let open = self.lock_open(connection, agreement.tenant, agreement.visit).await?;
        let Some(open) = open else { return Ok(Standing::Nothing) };
        if open.is_paid || is_overdue(&open.order, now) {
            return Ok(Standing::Over(Box::new(open)));
        }
        let lines = db::lines::of_order(connection, open.order.tenant, open.order.id).await?;
        Ok(Standing::Unpaid(Box::new(open.order), lines))
    }

    /// Opens the order after one that is over, which says so from now on: paid where its money has come, and the job that the payment
    /// has enqueued does the rest; expired otherwise.
    async fn open_after(
        &self,
        connection: &mut PgConnection,
        over: Locked,
        agreement: &Agreement,
        now: DateTime<Utc>,
    ) -> Result<Order, Error> {
        // The number before the news: everybody locks the counter before the logs.
        let number = db::counters::next(connection, agreement.tenant).await?;
        let Locked { order: mut over, is_paid } = over;
        if is_paid {
            self.take_step(connection, &mut over, Step::Pay, None).await?;
            self.announce(connection, &over).await?;
        } else {
            let lines = db::lines::of_order(connection, over.tenant, over.id).await?;
            let mut products: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
            products.push(agreement.product);
            self.catalog.lock_stock(connection, over.tenant, &products).await?;
            self.expire_locked(connection, &mut over).await?;
        }
        self.open(connection, number, agreement, now).await
    }

    async fn open(
        &self,
        connection: &mut PgConnection,
        number: i32,
        agreement: &Agreement,
        now: DateTime<Utc>,
    ) -> Result<Order, Error> {
        let order = Order {
            tenant: agreement.tenant,
            id: self.entropy.id(now),
            number,
            visit: agreement.visit,
            guest: agreement.guest,
            buyer_number: agreement.buyer_number,
            buyer_language: agreement.buyer_language,
            vendor_language: agreement.vendor_language,
            state: OrderState::Open,
            total: agreement.total,
            hold_until: now + HOLD_FOR,
            intent: None,
            settled_at: None,
            place_of_supply: None,
            created_at: now,
        };
        db::orders::insert(connection, &order).await?;
        let step = TimelineStep { state: order.state, at: now, reason: None };
        db::events::insert(connection, order.tenant, order.id, &step).await?;
        Ok(order)
    }

    /// Holds the stock of a further line as long as that of the lines before it, and writes the line down.
    async fn sell_on_hold(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        before: &[Line],
        agreement: &Agreement,
    ) -> Result<(), Error> {
        if !before.is_empty() {
            let holds = holds_of(before);
            self.catalog.extend_holds(connection, order.tenant, &holds, order.hold_until).await?;
        }
        let Agreement { product, quantity, unit, .. } = *agreement;
        let products = self.catalog.products(connection, order.tenant, &[product]).await?;
        let line = Line {
            line: before.last().map_or(1, |last| last.line + 1),
            offer: agreement.offer,
            product,
            item: agreement.item.clone(),
            product_name: agreement.product_name.clone(),
            price: agreement.price,
            quantity,
            unit,
            total: agreement.total,
            tax: products.into_iter().next().map(|product| product.tax),
            hold: self.hold(connection, order, product, quantity, unit).await?,
        };
        db::lines::insert(connection, order.tenant, order.id, &line, &agreement.transcript).await?;
        Ok(())
    }

    async fn ask_for_money(&self, connection: &mut PgConnection, order: &Order) -> Result<IntentId, Error> {
        let intent = NewIntent {
            tenant: order.tenant,
            order: order.id,
            order_number: order.number.to_string(),
            visit: order.visit,
            guest: order.guest,
            stall_name: self.stall_name(connection, order.tenant).await?,
            amount: order.total,
            expires_at: order.hold_until,
        };
        Ok(self.payments.open_intent(connection, &intent).await?)
    }
}
