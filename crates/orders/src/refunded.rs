//! Money of an order went back, by refunds or by disputes that were lost: its document is taken back for as much, and once all is back
//! the order says so.

use std::collections::HashSet;

use billing::{CreditLine, NewCreditNote};
use payments::RefundView;
use platform::db::repeat;
use sqlx::PgConnection;
use types::{OrderId, RefundId, TenantId};

use crate::change::{Locked, holds_of};
use crate::order::{Line, NotNow, Order, OrderState, Step};
use crate::parts::{self, Part};
use crate::refund::{Kept, RefundBy, returned};
use crate::settle::{Funds, is_of_another_intent};
use crate::{Error, Orders, db};

impl Orders {
    /// Takes in what payments say went back, as often as they say it.
    pub(crate) async fn refunded(&self, funds: Funds) -> Result<(), Error> {
        repeat(|| self.refunded_once(funds)).await
    }

    async fn refunded_once(&self, funds: Funds) -> Result<(), Error> {
        let Funds { tenant, order: id, .. } = funds;
        let mut transaction = self.db.begin().await?;
        let Locked { mut order, .. } = self.lock(&mut transaction, tenant, id).await?;
        if order.state == OrderState::Refunded || is_of_another_intent(&order, funds) {
            return Ok(());
        }
        let mut made = self.payments.refunds_of(&mut transaction, tenant, id).await?;
        made.retain(|refund| refund.state.is_made());
        let lost = self.payments.lost_of(&mut transaction, tenant, id).await?;
        let by_bank: HashSet<RefundId> = lost.iter().map(|taken| taken.id).collect();
        made.extend(lost);
        let back: i64 = made.iter().map(|refund| refund.amount.minor()).sum();
        let is_all = back >= order.total.minor();
        let lines = db::lines::of_order(&mut transaction, tenant, id).await?;
        if order.settled_at.is_some() {
            self.take_goods_back(&mut transaction, &order, &lines, (&made, &by_bank)).await?;
            self.credit(&mut transaction, &order, &lines, &made).await?;
        } else if is_all {
            self.catalog.release_holds(&mut transaction, tenant, &holds_of(&lines)).await?;
        } else {
            // The goods are being sold just now: asked again, it is so.
            return Err(NotNow(order.state).into());
        }
        if is_all {
            self.take_step(&mut transaction, &mut order, Step::Refund, None).await?;
        }
        self.announce(&mut transaction, &order).await?;
        Ok(transaction.commit().await?)
    }

    /// What nobody here asked for is written down: money alone, and with the last of it the goods are on the shelf again, unless the
    /// buyer has them.
    async fn take_goods_back(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        lines: &[Line],
        (made, by_bank): (&[RefundView], &HashSet<RefundId>),
    ) -> Result<(), Error> {
        let kept = db::refunds::of_order(connection, order.tenant, order.id).await?;
        let known: HashSet<RefundId> = kept.iter().map(|kept| kept.refund).collect();
        for refund in made.iter().filter(|refund| !known.contains(&refund.id)) {
            let before = parts_before(connection, order.tenant, order.id).await?;
            let left = parts::left_of(lines, &before);
            let all_left: i64 = left.iter().map(|left| left.amount.minor()).sum();
            let parts = if refund.amount.minor() == all_left {
                parts::of_rest(&left, order.state != OrderState::HandedOver)?
            } else {
                parts::of_money(&left, refund.amount)?
            };
            let (by, reason) = if by_bank.contains(&refund.id) {
                (RefundBy::Bank, "a dispute was lost")
            } else {
                (RefundBy::Gateway, "made at the gateway")
            };
            let kept = Kept {
                refund: refund.id,
                amount: refund.amount,
                by,
                reason: reason.to_owned(),
                asked: None,
                at: refund.created_at,
            };
            db::refunds::insert(connection, order, &kept, &parts).await?;
            self.catalog.restock(connection, order.tenant, &returned(lines, &parts)).await?;
        }
        Ok(())
    }

    /// Each refund that was made has its credit note.
    async fn credit(
        &self,
        connection: &mut PgConnection,
        order: &Order,
        lines: &[Line],
        made: &[RefundView],
    ) -> Result<(), Error> {
        let parts = db::refunds::parts_of(connection, order.tenant, order.id).await?;
        for refund in made {
            let of_refund = parts.iter().filter(|(id, _)| *id == refund.id);
            let credit = NewCreditNote {
                tenant: order.tenant,
                order: order.id,
                refund: refund.id,
                lines: of_refund.filter_map(|(_, part)| credit_line(lines, part)).collect(),
            };
            self.billing.take_back(connection, &credit).await?;
        }
        Ok(())
    }
}

async fn parts_before(
    connection: &mut PgConnection,
    tenant: TenantId,
    order: OrderId,
) -> Result<Vec<Part>, Error> {
    let parts = db::refunds::parts_of(connection, tenant, order).await?;
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

fn credit_line(lines: &[Line], part: &Part) -> Option<CreditLine> {
    let place = lines.iter().position(|line| line.line == part.line)?;
    let Part { before, amount, quantity, .. } = *part;
    Some(CreditLine { place, before, amount, quantity: (!quantity.is_zero()).then_some(quantity) })
}
