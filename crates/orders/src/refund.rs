//! Giving a paid order's money back: for goods that come back, a part of the price, or all that is left.
//!
//! It is read back before it binds: whoever asks sends the amount that was seen, and where it is another by now nothing happens.

use catalog::Returned;
use chrono::{DateTime, Utc};
use identity::Caller;
use identity::audit::{self, Act, Area, Deed};
use payments::{RefundPreview, RefundState};
use platform::db::repeat;
use platform::text;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use types::{Money, OrderId, PersonId, Quantity, RefundId, TenantId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::change::Locked;
use crate::order::{Line, NotNow, Order, OrderState};
use crate::parts::{self, Goods, NotLeft, Part};
use crate::view::{OperatorOrder, OrderCard, OrderView};
use crate::{Error, Orders, db};

/// The longest reason that is kept, in characters.
const REASON_CHARS_MAX: usize = 200;

/// What is to go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RefundOf {
    /// Goods, and what was paid for them.
    Goods {
        /// Which, each line once.
        #[schema(min_items = 1, max_items = 50)]
        lines: Vec<ReturnedLine>,
    },
    /// Money alone.
    Money {
        /// How much.
        amount: Money,
    },
    /// All that has not gone back yet.
    Rest {
        /// Whether the goods are on the shelf again.
        restock: bool,
    },
}

/// Goods of a line that come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReturnedLine {
    /// The line's place in the order, from 1.
    pub line: i32,
    /// How much of it, in the line's unit.
    pub quantity: Quantity,
    /// Whether it is on the shelf again: not what is spoilt.
    pub restock: bool,
}

/// What would go back is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct RefundQuestion {
    /// What is to go back.
    pub what: RefundOf,
}

/// A refund is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(crate) struct NewRefund {
    /// Made by the caller: the same again has no further effect.
    pub client_id: Uuid,
    /// What is to go back.
    pub what: RefundOf,
    /// What it comes to, as it was read back; where it is another amount by now, nothing goes back.
    pub amount: Money,
    /// Why: one line of 1 to 200 characters. The buyer reads it, too.
    pub reason: String,
}

/// Whose decision a refund was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefundBy)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RefundBy {
    /// The vendor's.
    Vendor,
    /// That of whoever runs the installation.
    Operator,
    /// It was made at the payment gateway itself.
    Gateway,
    /// That of the buyer's bank: a dispute was lost.
    Bank,
}

/// A refund as the order shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OrderRefund)]
pub struct RefundView {
    /// The refund.
    pub id: RefundId,
    /// What goes back.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// Whose decision it was.
    pub by: RefundBy,
    /// Why, as it was written; nothing where the payment gateway made it or the bank took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// A stored refund, without where it stands: that is payments'.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub refund: RefundId,
    pub amount: Money,
    pub by: RefundBy,
    pub reason: String,
    pub asked: Option<Asked>,
    pub at: DateTime<Utc>,
}

impl Kept {
    /// Whether it has a reason of somebody's own words.
    const fn asked_by_somebody(&self) -> bool {
        matches!(self.by, RefundBy::Vendor | RefundBy::Operator)
    }
}

/// Who asked for a refund, and what for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub person: PersonId,
    pub client_id: Uuid,
    pub request: serde_json::Value,
}

/// Who gives back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Giver {
    pub tenant: TenantId,
    pub person: PersonId,
    pub by: RefundBy,
}

impl Orders {
    /// What a refund would come to, as it is read back before it binds.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::NotNow`] for an order that is not sold, or whose money is back; [`Error::NotLeft`];
    /// [`Error::Payments`] where the money says no.
    pub(crate) async fn preview_refund(
        &self,
        tenant: TenantId,
        id: OrderId,
        what: &RefundOf,
    ) -> Result<RefundPreview, Error> {
        // Nothing is written; the locks make it one moment.
        let mut transaction = self.db.begin().await?;
        let (_, _, parts) = self.planned(&mut transaction, tenant, id, what).await?;
        let amount = parts::sum(&parts);
        let preview = self.payments.preview_refund(&mut transaction, tenant, id, amount).await?;
        transaction.rollback().await?;
        Ok(preview)
    }

    /// Gives back what was asked for: the goods are on the shelf again where they are said to be, and the money goes back by the way
    /// that it came. Asked twice, it was asked once.
    ///
    /// # Errors
    /// As [`Orders::preview_refund`]; a reason that cannot be kept; [`payments::Error::AmountChanged`] where it comes to another
    /// amount than was seen; [`payments::Error::ClientIdReused`].
    pub(crate) async fn refund(&self, giver: Giver, id: OrderId, new: &NewRefund) -> Result<(), Error> {
        let reason = text::line(&new.reason, REASON_CHARS_MAX).map_err(Error::Reason)?;
        repeat(|| self.refund_once(giver, id, new, &reason)).await
    }

    /// As [`Orders::refund`], by the vendor.
    pub(crate) async fn refund_for_vendor(
        &self,
        caller: &Caller,
        id: OrderId,
        new: &NewRefund,
    ) -> Result<OrderView, Error> {
        let vendor = caller.vendor()?;
        let giver = Giver { tenant: vendor.tenant, person: vendor.person, by: RefundBy::Vendor };
        self.refund(giver, id, new).await?;
        self.show(caller, id).await
    }

    /// As [`Orders::refund`], by whoever runs the installation.
    pub(crate) async fn refund_for_operator(
        &self,
        caller: &Caller,
        id: OrderId,
        new: &NewRefund,
    ) -> Result<OperatorOrder, Error> {
        let person = caller.operator()?;
        let tenant = self.tenant_of(id).await?;
        self.refund(Giver { tenant, person, by: RefundBy::Operator }, id, new).await?;
        tracing::info!(order = %id, %person, reason = new.reason, "an operator gives money of an order back");
        let mut connection = self.db.acquire().await?;
        let order = db::orders::of_stall(&mut connection, tenant, id).await?.ok_or(Error::NotFound)?;
        let stall_name = self.stall_name(&mut connection, tenant).await?;
        Ok(OperatorOrder { card: OrderCard::from(&order), tenant_id: tenant, stall_name })
    }

    pub(crate) async fn preview_for_vendor(
        &self,
        caller: &Caller,
        id: OrderId,
        what: &RefundOf,
    ) -> Result<RefundPreview, Error> {
        self.preview_refund(caller.vendor()?.tenant, id, what).await
    }

    pub(crate) async fn preview_for_operator(
        &self,
        caller: &Caller,
        id: OrderId,
        what: &RefundOf,
    ) -> Result<RefundPreview, Error> {
        caller.operator()?;
        self.preview_refund(self.tenant_of(id).await?, id, what).await
    }

    async fn tenant_of(&self, id: OrderId) -> Result<TenantId, Error> {
        let tenant = db::refunds::tenant_of(&mut *self.db.acquire().await?, id).await?;
        tenant.ok_or(Error::NotFound)
    }

    async fn refund_once(
        &self,
        giver: Giver,
        id: OrderId,
        new: &NewRefund,
        reason: &str,
    ) -> Result<(), Error> {
        let tenant = giver.tenant;
        let mut transaction = self.db.begin().await?;
        let request =
            serde_json::json!({ "order": id, "what": new.what, "amount": new.amount, "reason": reason });
        self.lock(&mut transaction, tenant, id).await?;
        if let Some(before) = db::refunds::said_before(&mut transaction, tenant, new.client_id).await? {
            let is_same = before == request;
            return if is_same { Ok(()) } else { Err(payments::Error::ClientIdReused.into()) };
        }
        let (order, lines, parts) = self.planned(&mut transaction, tenant, id, &new.what).await?;
        let amount = parts::sum(&parts);
        if amount != new.amount {
            return Err(payments::Error::AmountChanged.into());
        }
        // Stock before the books, and the books before anybody is told.
        let goods = returned(&lines, &parts);
        let products: Vec<_> = goods.iter().map(|goods| goods.product).collect();
        self.catalog.lock_stock(&mut transaction, tenant, &products).await?;
        let refund = self.payments.refund_part(&mut transaction, tenant, id, amount, reason).await?;
        let kept = Kept {
            refund,
            amount,
            by: giver.by,
            reason: reason.to_owned(),
            asked: Some(Asked { person: giver.person, client_id: new.client_id, request }),
            at: self.clock.now(),
        };
        db::refunds::insert(&mut transaction, &order, &kept, &parts).await?;
        self.catalog.restock(&mut transaction, tenant, &goods).await?;
        self.announce(&mut transaction, &order).await?;
        let act = Act::by(giver.person, Area::Refunds, Deed::Given, kept.at).in_business(tenant);
        audit::keep(&mut transaction, act.about(id.uuid()).because(reason)).await?;
        Ok(transaction.commit().await?)
    }

    /// The order under lock, its lines, and the parts of them that this would give back.
    async fn planned(
        &self,
        connection: &mut PgConnection,
        tenant: TenantId,
        id: OrderId,
        what: &RefundOf,
    ) -> Result<(Order, Vec<Line>, Vec<Part>), Error> {
        let Locked { order, .. } = self.lock(connection, tenant, id).await?;
        if order.settled_at.is_none() || order.state == OrderState::Refunded {
            return Err(NotNow(order.state).into());
        }
        let lines = db::lines::of_order(connection, tenant, id).await?;
        let before = db::refunds::parts_of(connection, tenant, id).await?;
        let before: Vec<Part> = before.into_iter().map(|(_, part)| part).collect();
        let parts = plan(&lines, &before, what)?;
        Ok((order, lines, parts))
    }
}

fn plan(lines: &[Line], before: &[Part], what: &RefundOf) -> Result<Vec<Part>, NotLeft> {
    let left = parts::left_of(lines, before);
    match what {
        RefundOf::Goods { lines } => {
            let goods = lines.iter().map(|returned| Goods {
                line: returned.line,
                quantity: returned.quantity,
                is_restocked: returned.restock,
            });
            parts::of_goods(&left, &goods.collect::<Vec<_>>())
        }
        RefundOf::Money { amount } => parts::of_money(&left, *amount),
        RefundOf::Rest { restock } => parts::of_rest(&left, *restock),
    }
}

/// The goods of these parts that are on the shelf again.
pub(crate) fn returned(lines: &[Line], parts: &[Part]) -> Vec<Returned> {
    let of = |part: &Part| {
        let line = lines.iter().find(|line| line.line == part.line)?;
        Some(Returned { product: line.product, quantity: part.quantity, unit: line.unit })
    };
    parts.iter().filter(|part| part.is_restocked).filter_map(of).collect()
}

/// The refunds of an order: what they are of, and where they stand.
pub(crate) fn shown(kept: &[Kept], standing: &[payments::RefundView]) -> Vec<RefundView> {
    let view = |standing: &payments::RefundView| {
        let kept = kept.iter().find(|kept| kept.refund == standing.id);
        RefundView {
            id: standing.id,
            amount: standing.amount,
            state: standing.state,
            by: kept.map_or(RefundBy::Gateway, |kept| kept.by),
            reason: kept.filter(|kept| kept.asked_by_somebody()).map(|kept| kept.reason.clone()),
            created_at: standing.created_at,
        }
    };
    standing.iter().map(view).collect()
}
