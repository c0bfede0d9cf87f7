//! The JSON that each side reads.

use std::collections::HashMap;

use catalog::Product;
use chrono::{DateTime, Utc};
use serde::Serialize;
use types::{Language, Money, OrderId, Price, ProductId, Quantity, TenantId, Unit, VisitId};
use utoipa::ToSchema;

use crate::order::{Line, Order, OrderState, Reason};
use crate::parts::{Left, Part, left_of};
use crate::refund::RefundView;

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderCard {
    /// The order.
    pub id: OrderId,
    /// Its number at the stall, from 1.
    pub number: String,
    /// What has become of it.
    pub state: OrderState,
    /// What the buyer pays.
    pub total: Money,
    /// Where it was agreed.
    pub visit_id: VisitId,
    /// How the vendor tells buyers apart.
    pub buyer_number: i32,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
}

/// One thing sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub struct LineView {
    /// Its place in the order, from 1.
    pub line: i32,
    /// The product.
    pub product_id: ProductId,
    /// Its name in the reader's language.
    pub name: String,
    /// How much is sold.
    pub quantity: Quantity,
    /// The unit of `quantity`.
    pub unit: Unit,
    /// The agreed price.
    pub price: Price,
    /// What it costs.
    pub total: Money,
    /// What of that has gone back or is on its way, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Money>,
    /// How much of it came back, where some did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned: Option<Quantity>,
}

/// A state the order came into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OrderStep)]
pub struct TimelineStep {
    /// The state.
    pub state: OrderState,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, where the state does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// An order as one side reads it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderView {
    /// What its list shows.
    #[serde(flatten)]
    pub card: OrderCard,
    /// What is sold, in the order it was agreed.
    pub lines: Vec<LineView>,
    /// What has become of it, oldest first.
    pub timeline: Vec<TimelineStep>,
    /// How it is paid.
    pub payment: payments::PaymentView,
    /// The document, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<billing::Document>,
    /// What stands beside it: the bill of supply for exempt goods, where a registered buyer has a tax invoice for the others.
    pub documents_beside: Vec<billing::Document>,
    /// What takes the document back, one for each refund, oldest first.
    pub credit_notes: Vec<billing::Document>,
    /// What goes back or went, oldest first.
    pub refunds: Vec<RefundView>,
    /// The code of the state that the goods are delivered to; absent where they are handed over at the stall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_of_supply: Option<String>,
    /// Whom the document names as the buyer, where somebody is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<billing::Recipient>,
    /// Whether the law wants a buyer named whom nobody has named yet.
    pub asks_for_recipient: bool,
    /// Until when the stock is held; absent once the order is no longer open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_expires_at: Option<DateTime<Utc>>,
}

/// An order as whoever runs this installation sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorOrder {
    /// What its list shows.
    #[serde(flatten)]
    pub card: OrderCard,
    /// Whose stall.
    pub tenant_id: TenantId,
    /// What the stall is called.
    pub stall_name: String,
}

impl From<&Order> for OrderCard {
    fn from(order: &Order) -> Self {
        Self {
            id: order.id,
            number: order.number.to_string(),
            state: order.state,
            total: order.total,
            visit_id: order.visit,
            buyer_number: order.buyer_number,
            created_at: order.created_at,
        }
    }
}

/// The lines with their products' names in this language; a product that is gone keeps the name it was sold under.
pub(crate) fn lines_in(
    language: Language,
    lines: Vec<Line>,
    products: &[Product],
    parts: &[Part],
) -> Vec<LineView> {
    let left = left_of(&lines, parts);
    let names: HashMap<ProductId, &str> = products.iter().map(|p| (p.id, p.name_in(language))).collect();
    let line_view = |(line, left): (Line, Left)| LineView {
        line: line.line,
        refunded: (!left.before.is_zero()).then_some(left.before),
        returned: line.quantity.minus(left.quantity).ok().filter(|returned| !returned.is_zero()),
        product_id: line.product,
        name: names.get(&line.product).map_or(line.product_name, |name| (*name).to_owned()),
        quantity: line.quantity,
        unit: line.unit,
        price: line.price,
        total: line.total,
    };
    lines.into_iter().zip(left).map(line_view).collect()
}
