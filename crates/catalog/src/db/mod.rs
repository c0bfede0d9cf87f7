//! Every SQL statement of this context.
//!
//! Lock order: `products` where one is changed, then `stock` by product, then `stock_holds` by id.

pub(crate) mod holds;
mod personal;
pub(crate) mod products;
pub(crate) mod stalls;
pub(crate) mod stock;

/// For values that the constraints should have kept out.
fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
