//! What is paid: an order, or a top-up of a vendor's prepaid credit.

use serde::{Deserialize, Serialize};
use types::{GuestId, OrderId, TopUpId, VisitId};
use utoipa::ToSchema;

/// What is paid, by its id alone: its intents are locked together, and one of them is paid.
///
/// In the payload of a job: `"order": id` or `"top_up": id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectId {
    Order(OrderId),
    TopUp(TopUpId),
}

/// What is paid, with what payers and both sides have to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A buyer's order at a stall.
    Order {
        id: OrderId,
        /// As people say it.
        number: String,
        /// The visit it came from: its two sides may see and pay it.
        visit: VisitId,
        guest: GuestId,
        stall_name: String,
    },
    /// Credit that a vendor buys from the platform.
    TopUp {
        id: TopUpId,
        /// As people say it.
        number: String,
        /// The name that the payer sees.
        payee: String,
    },
}

/// What is paid, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaidFor)]
pub enum SubjectKind {
    /// A buyer's order at a stall.
    Order,
    /// Credit that a vendor buys from the platform.
    TopUp,
}

impl Subject {
    pub(crate) const fn id(&self) -> SubjectId {
        match self {
            Self::Order { id, .. } => SubjectId::Order(*id),
            Self::TopUp { id, .. } => SubjectId::TopUp(*id),
        }
    }

    /// The name that the payer sees.
    pub(crate) fn payee(&self) -> &str {
        match self {
            Self::Order { stall_name, .. } => stall_name,
            Self::TopUp { payee, .. } => payee,
        }
    }

    /// What the payer's bank shows: `Order 12`.
    pub(crate) fn purpose(&self) -> String {
        match self {
            Self::Order { number, .. } => format!("Order {number}"),
            Self::TopUp { number, .. } => format!("Top-up {number}"),
        }
    }

    /// Where on our pages its payer comes back to from a gateway's.
    pub(crate) fn page(&self) -> String {
        match self {
            Self::Order { id, visit, .. } => format!("/b/{visit}/order/{id}/pay"),
            Self::TopUp { id, .. } => format!("/v/credit/{id}"),
        }
    }

    /// Whether it can be paid past the gateway, to the vendor: not where the vendor is who pays.
    pub(crate) const fn can_be_paid_to_vendor(&self) -> bool {
        matches!(self, Self::Order { .. })
    }
}

impl SubjectId {
    /// The order's id as a column; none for anything else.
    pub(crate) const fn order(self) -> Option<OrderId> {
        match self {
            Self::Order(order) => Some(order),
            Self::TopUp(_) => None,
        }
    }

    /// The top-up's id as a column; none for anything else.
    pub(crate) const fn top_up(self) -> Option<TopUpId> {
        match self {
            Self::Order(_) => None,
            Self::TopUp(top_up) => Some(top_up),
        }
    }
}

impl From<OrderId> for SubjectId {
    fn from(order: OrderId) -> Self {
        Self::Order(order)
    }
}

impl From<TopUpId> for SubjectId {
    fn from(top_up: TopUpId) -> Self {
        Self::TopUp(top_up)
    }
}
