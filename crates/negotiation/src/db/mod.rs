//! Every SQL statement of this context.
//!
//! **Lock order**: visit, then its read-backs, offers and messages, then (through `orders`) what an agreement touches, then the
//! two subscribers' logs. Whoever changes a visit locks its row first, so a visit's rows are never contended for out of order.

pub mod messages;
pub mod offers;
pub mod personal;
pub mod read_backs;
pub mod recordings;
pub mod reports;
pub mod visits;

use parley::Side;

/// A side as the tables write it.
const fn side_code(side: Side) -> &'static str {
    match side {
        Side::Buyer => "buyer",
        Side::Vendor => "vendor",
    }
}

/// The side a table's constraint allowed in.
fn side_of(code: &str) -> Side {
    if code == "vendor" { Side::Vendor } else { Side::Buyer }
}

/// JSON that does not read as what this build wrote.
fn unreadable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

/// A number or unit that a constraint should have kept out.
fn out_of_range(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}
