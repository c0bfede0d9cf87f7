//! The money has come: what was held is sold and the document issued. Or it goes back.

use platform::db::repeat;
use sqlx::PgConnection;
use types::{IntentId, OrderId, TenantId};

use crate::change::{Locked, holds_of};
use crate::order::{Line, Order, OrderState, Reason, Step};
use crate::{Error, Orders, db};

/// The money of an order that came, or went back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Funds {
    pub tenant: TenantId,
    pub order: OrderId,
    pub intent: IntentId,
}

/// Where the goods are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goods {
    /// From what was held when it was agreed.
    Held,
    /// From what is left now: the hold ended before the money came.
    HeldAgain,
}

impl Orders {
    /// Turns money into goods and a document, each attempt a transaction of its own: from what is held; else from what is left;
    /// else the money goes back. Done again, it does nothing.
    pub(crate) async fn settle(&self, funds: Funds) -> Result<(), Error> {
        for goods in [Goods::Held, Goods::HeldAgain] {
            match repeat(|| self.sell(funds, goods)).await {
                Err(error) if is_out_of_goods(&error) => {}
                other => return other,
            }
        }
        repeat(|| self.give_back(funds)).await
    }

    async fn sell(&self, funds: Funds, goods: Goods) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Some(mut order) = self.lock_unsettled(&mut transaction, funds).await? else {
            return Ok(());
        };
        let mut lines = db::lines::of_order(&mut transaction, order.tenant, order.id).await?;
        if goods == Goods::HeldAgain {
            self.hold_again(&mut transaction, &order, &mut lines).await?;
        }
        self.catalog.sell_held(&mut transaction, order.tenant, &holds_of(&lines)).await?;
        order.settled_at = Some(self.clock.now());
        if matches!(order.state, OrderState::Paid | OrderState::HandedOver) {
            // It was seen to be paid when the next order opened.
            db::orders::update(&mut transaction, &order, self.clock.now()).await?;
        } else {
            self.take_step(&mut transaction, &mut order, Step::Pay, None).await?;
        }
        let sale = self.sale(&mut transaction, &order, lines).await?;
        self.billing.issue(&mut transaction, &sale).await?;
        self.announce(&mut transaction, &order).await?;
        Ok(transaction.commit().await?)
    }

    /// No stock: the buyer has the money back.
    async fn give_back(&self, funds: Funds) -> Result<(), Error> {
        let mut transaction = self.db.begin().await?;
        let Some(mut order) = self.lock_unsettled(&mut transaction, funds).await? else {
            return Ok(());
        };
        self.take_step(&mut transaction, &mut order, Step::Refund, Some(Reason::OutOfStock)).await?;
        self.payments.refund(&mut transaction, order.tenant, order.id, "out of stock").await?;
        let lines = db::lines::of_order(&mut transaction, order.tenant, order.id).await?;
        self.catalog.release_holds(&mut transaction, order.tenant, &holds_of(&lines)).await?;
        self.announce(&mut transaction, &order).await?;
        Ok(transaction.commit().await?)
    }

    /// The order that this money is for, unless that is done, or the money is one that payments gives back by itself.
    async fn lock_unsettled(
        &self,
        connection: &mut PgConnection,
        funds: Funds,
    ) -> Result<Option<Order>, Error> {
        let Locked { order, .. } = self.lock(connection, funds.tenant, funds.order).await?;
        let done = order.settled_at.is_some() || order.state == OrderState::Refunded;
        Ok((!done && !is_of_another_intent(&order, funds)).then_some(order))
    }

    /// Sets aside again what is left, product by product in the one order everybody locks stock in.
    async fn hold_again(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        lines: &mut [Line],
    ) -> Result<(), Error> {
        self.catalog.release_holds(connection, order.tenant, &holds_of(lines)).await?;
        lines.sort_by_key(|line| (line.product, line.line));
        for line in lines.iter_mut() {
            line.hold = self.hold(connection, order, line.product, line.quantity, line.unit).await?;
        }
        lines.sort_by_key(|line| line.line);
        db::lines::set_holds(connection, order.tenant, order.id, lines).await?;
        Ok(())
    }
}

pub(crate) fn is_of_another_intent(order: &Order, funds: Funds) -> bool {
    let other = order.intent != Some(funds.intent);
    if other {
        tracing::info!(order = %funds.order, intent = %funds.intent, "the intent was replaced; payments gives its money back");
    }
    other
}

fn is_out_of_goods(error: &Error) -> bool {
    matches!(error, Error::Catalog(catalog::Error::HoldGone | catalog::Error::OutOfStock { .. }))
}
