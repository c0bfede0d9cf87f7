//! What can go wrong, and what the caller is told of it.

use axum::response::{IntoResponse, Response};
use platform::db::violated_constraint;
use platform::problem::{CLIENT_ID_REUSED, INVALID_FIELD, NOT_FOUND};
use platform::text::TextError;
use platform::{Problem, RetryHint};
use types::{Quantity, Unit};

use crate::shelf::PRODUCTS_MAX;

platform::problem_types! {
    /// The vendor has not named the stall yet.
    NO_STALL = (NOT_FOUND, "no-stall", "Name your stall first.");
    /// Less is free than is wanted.
    OUT_OF_STOCK = (CONFLICT, "out-of-stock", "There is not that much left. Take less.");
    /// The stock that was set aside has been given free.
    HOLD_GONE = (CONFLICT, "hold-gone", "The goods that were set aside are free again. Agree once more.");
    /// Stock cannot fall below what is set aside for buyers.
    STOCK_HELD = (CONFLICT, "stock-held", "Some of it is set aside for buyers. Cancel an order first, or count again.");
    /// The stall has as many products as fit.
    TOO_MANY_PRODUCTS = (CONFLICT, "too-many-products", "The stall is full. Take a product off the shelf first.");
    /// The vendor's plan allows no more products.
    QUOTA_REACHED = (CONFLICT, "quota-reached", "Your plan has no room for more. Choose a larger plan, or take something away.");
    /// A stall's code that we never signed.
    QR_FORGED = (UNPROCESSABLE_ENTITY, "qr-forged", "This code is not genuine. Ask the vendor to show the stall's own code.");
    /// A stall's code whose day is over.
    QR_EXPIRED = (GONE, "qr-expired", "This code has expired. Ask the vendor for a fresh one.");
}

/// Why something about stalls, products or stock was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not this kind of caller.
    #[error(transparent)]
    Caller(#[from] identity::Error),
    /// The vendor has not named the stall yet.
    #[error("the stall has no name yet")]
    NoStall,
    /// No such product at this stall.
    #[error("there is no such product at this stall")]
    NotFound,
    /// A text that cannot be shown.
    #[error("the {field} cannot be used")]
    Text {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        #[source]
        source: TextError,
    },
    /// A field that holds what it must not.
    #[error("the field {field} is wrong: {detail}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// Less is free than is wanted.
    #[error("only {available} {unit} is free")]
    OutOfStock {
        /// How much is free.
        available: Quantity,
        /// The unit of `available`.
        unit: Unit,
    },
    /// A hold that was released, or never was.
    #[error("the hold is gone")]
    HoldGone,
    /// Stock cannot fall below what is held.
    #[error("{held} {unit} is held")]
    StockHeld {
        /// How much is held.
        held: Quantity,
        /// The unit of `held`.
        unit: Unit,
    },
    /// The stall has as many products as fit.
    #[error("the stall has {PRODUCTS_MAX} products already")]
    TooManyProducts,
    /// The vendor's plan allows no more products.
    #[error("the plan allows {allowed} products")]
    QuotaReached {
        /// So many.
        allowed: i64,
    },
    /// A retry's id with other content.
    #[error("the client id was used before with other content")]
    ClientIdReused,
    /// The stall's address does not fit into a code.
    #[error("the stall's address does not fit into a QR code")]
    Unprintable(#[from] qrcode::types::QrError),
    /// An event that does not serialise.
    #[error("a product does not serialise")]
    Unwritable(#[from] serde_json::Error),
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl Error {
    pub(crate) fn field(field: &'static str, detail: impl Into<String>) -> Self {
        Self::Field { field, detail: detail.into() }
    }

    /// For `map_err` on `platform::text`.
    pub(crate) fn text(field: &'static str) -> impl FnOnce(TextError) -> Self {
        move |source| Self::Text { field, source }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match violated_constraint(&error) {
            Some("stock_movements_client_id_once") => Self::ClientIdReused,
            _ => Self::Database(error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let field = |name: &str, detail: String| Self::new(INVALID_FIELD).detail(detail).with("field", name);
        match error {
            Error::Caller(error) => error.into(),
            Error::NoStall => Self::new(NO_STALL),
            Error::NotFound => Self::new(NOT_FOUND),
            Error::Text { field: name, source } => field(name, source.to_string()),
            Error::Field { field: name, detail } => field(name, detail),
            Error::OutOfStock { available, unit } => Self::new(OUT_OF_STOCK)
                .detail(format!("{available} {unit} is left"))
                .with("available", available.to_string())
                .with("unit", unit.code()),
            Error::HoldGone => Self::new(HOLD_GONE),
            Error::StockHeld { held, unit } => Self::new(STOCK_HELD)
                .detail(format!("{held} {unit} is set aside"))
                .with("held", held.to_string())
                .with("unit", unit.code()),
            Error::TooManyProducts => {
                Self::new(TOO_MANY_PRODUCTS).detail(format!("a stall has at most {PRODUCTS_MAX} products"))
            }
            Error::QuotaReached { allowed } => Self::new(QUOTA_REACHED)
                .detail(format!("the plan allows {allowed} products"))
                .with("allowed", allowed.to_string()),
            Error::ClientIdReused => Self::new(CLIENT_ID_REUSED),
            Error::Unprintable(error) => Self::internal(&error),
            Error::Unwritable(error) => Self::internal(&error),
            Error::Database(error) => error.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl RetryHint for Error {
    fn is_lost_race(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_lost_race())
    }
}
