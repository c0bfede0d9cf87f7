//! Every SQL statement of this context.
//!
//! **Lock order**: the visit (the caller's), the order (`orders::lock*`), the stall's counter of orders (`counters`), then what
//! the contexts below lock: the order's intents, stock by product, the sync logs. Lines, events, recipients and refunds are written only under
//! the lock of their order.

pub(crate) mod counters;
pub(crate) mod events;
pub(crate) mod lines;
pub(crate) mod orders;
mod personal;
pub(crate) mod recipients;
pub(crate) mod refunds;

/// A stored value that its own type refuses: somebody wrote past the app.
fn unreadable(error: impl Into<sqlx::error::BoxDynError>) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
