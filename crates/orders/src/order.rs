//! An order: what was agreed, and what has become of it.

use billing::StateCode;
use catalog::Tax;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use types::{
    GuestId, IntentId, Language, Money, OfferId, OrderId, Price, ProductId, Quantity, StockHoldId, TenantId,
    Unit, VisitId,
};
use utoipa::ToSchema;

/// How long stock waits for its money.
pub const HOLD_FOR: TimeDelta = TimeDelta::minutes(30);
/// So many lines an order has at most; a further agreement then opens another order once this one is paid.
pub const LINES_MAX: usize = 50;

/// What has become of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum OrderState {
    /// Agreed; stock is held, money is awaited.
    Open,
    /// The money has come.
    Paid,
    /// The buyer has the goods.
    HandedOver,
    /// Called off before it was paid.
    Cancelled,
    /// Not paid in time; the stock is free again.
    Expired,
    /// Paid and given back.
    Refunded,
}

/// What happens to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The money has come.
    Pay,
    /// The goods change hands.
    HandOver,
    /// Either side calls it off.
    Cancel,
    /// Its time is over.
    Expire,
    /// The money goes back.
    Refund,
}

/// Why a state was come into, where the state does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStepReason)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Reason {
    /// The buyer called it off.
    ByBuyer,
    /// The vendor called it off.
    ByVendor,
    /// The money came when the goods were no longer there.
    OutOfStock,
}

/// A step that does not fit the order's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {0:?} cannot do that")]
pub struct NotNow(pub OrderState);

impl OrderState {
    /// The state after a step.
    ///
    /// Money that comes for an order whose time is over, or that was called off, still pays it where there is stock; so both lead
    /// to [`OrderState::Paid`] again. Money can go back from everywhere: that it went is a fact, not a wish.
    ///
    /// # Errors
    /// [`NotNow`].
    pub const fn after(self, step: Step) -> Result<Self, NotNow> {
        match (self, step) {
            (Self::Open | Self::Expired | Self::Cancelled, Step::Pay) => Ok(Self::Paid),
            (Self::Paid, Step::HandOver) => Ok(Self::HandedOver),
            (Self::Open, Step::Cancel) => Ok(Self::Cancelled),
            (Self::Open, Step::Expire) => Ok(Self::Expired),
            (Self::Open | Self::Paid | Self::HandedOver | Self::Expired | Self::Cancelled, Step::Refund) => {
                Ok(Self::Refunded)
            }
            (state, _) => Err(NotNow(state)),
        }
    }
}

/// A deal that both sides confirmed, with all a dispute would ask for: passed down when it opens an order.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Whose stall.
    pub tenant: TenantId,
    /// Where it was agreed.
    pub visit: VisitId,
    /// The buyer.
    pub guest: GuestId,
    /// How the vendor tells buyers apart.
    pub buyer_number: i32,
    /// What the buyer reads.
    pub buyer_language: Language,
    /// What the vendor reads.
    pub vendor_language: Language,
    /// The accepted offer.
    pub offer: OfferId,
    /// The product.
    pub product: ProductId,
    /// The goods by lemma, or as the vendor typed them.
    pub item: String,
    /// The product's name as the vendor typed it.
    pub product_name: String,
    /// The agreed price.
    pub price: Price,
    /// How much is sold.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub unit: Unit,
    /// What the buyer pays: exactly this.
    pub total: Money,
    /// What was said on the way, with the hashes of recordings.
    pub transcript: serde_json::Value,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Whose stall.
    pub tenant: TenantId,
    /// The order.
    pub id: OrderId,
    /// Its number at the stall, from 1.
    pub number: i32,
    /// Where it was agreed.
    pub visit: VisitId,
    /// The buyer.
    pub guest: GuestId,
    /// How the vendor tells buyers apart.
    pub buyer_number: i32,
    /// What the buyer reads.
    pub buyer_language: Language,
    /// What the vendor reads.
    pub vendor_language: Language,
    /// What has become of it.
    pub state: OrderState,
    /// What the buyer pays.
    pub total: Money,
    /// Until when stock is held.
    pub hold_until: DateTime<Utc>,
    /// The intent that asks for the whole total; a further agreement replaces it.
    pub intent: Option<IntentId>,
    /// When the money was turned into goods and a document: the state may say "paid" a moment before.
    pub settled_at: Option<DateTime<Utc>>,
    /// The state that the goods are delivered to; `None` where they are handed over at the stall.
    pub place_of_supply: Option<StateCode>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
}

/// One thing sold.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its place in the order, from 1.
    pub line: i32,
    /// The accepted offer.
    pub offer: OfferId,
    /// The product.
    pub product: ProductId,
    /// The goods by lemma, or as the vendor typed them.
    pub item: String,
    /// The product's name as the vendor typed it.
    pub product_name: String,
    /// The agreed price.
    pub price: Price,
    /// How much is sold.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub unit: Unit,
    /// What it costs.
    pub total: Money,
    /// How the product was taxed when it was agreed; `None` in lines that are older than this record.
    pub tax: Option<Tax>,
    /// The stock set aside for it.
    pub hold: StockHoldId,
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [OrderState; 6] = [
        OrderState::Open,
        OrderState::Paid,
        OrderState::HandedOver,
        OrderState::Cancelled,
        OrderState::Expired,
        OrderState::Refunded,
    ];

    #[test]
    fn goods_change_hands_only_when_they_are_paid() {
        let handed: Vec<_> = STATES.into_iter().filter(|s| s.after(Step::HandOver).is_ok()).collect();
        assert_eq!(handed, [OrderState::Paid]);
    }

    #[test]
    fn money_that_comes_late_still_pays() {
        assert_eq!(OrderState::Expired.after(Step::Pay), Ok(OrderState::Paid));
        assert_eq!(OrderState::Paid.after(Step::Pay), Err(NotNow(OrderState::Paid)), "nobody pays twice");
        assert_eq!(OrderState::Refunded.after(Step::Pay), Err(NotNow(OrderState::Refunded)));
    }

    #[test]
    fn a_paid_order_neither_expires_nor_is_called_off() {
        assert!(OrderState::Paid.after(Step::Expire).is_err());
        assert!(OrderState::Paid.after(Step::Cancel).is_err());
    }
}
