//! Stalls and their signed codes, products, stock and its holds.
//!
//! **Invariants.** Nothing is sold twice: stock is held by one conditional statement, and `held ≤ on hand` is a constraint. What
//! is held is the sum of the live holds, what is on hand the sum of the movements. A hold is sold, released or put back once,
//! however often it is asked, and what a vendor's phone sends twice (a product, a count) is done once. A stall's code is believed
//! for 24 hours and only with our signature. The vendor's floor leaves this crate in [`Product::floor`] alone, and [`Product`]
//! does not serialise: only [`VendorProduct`] does.
//!
//! **Lock order.** The shelf of whoever puts a product on it, the product; the stock rows of a transaction by product, then holds, then the vendor's log of news, which every change of
//! stock writes to.
//!
//! **Deliberately absent**: pictures, variants, several stalls a vendor, prices that change by themselves.

mod db;
mod error;
mod goods;
mod hold;
mod http;
mod jobs;
mod news;
mod product;
mod qr;
mod shelf;
mod stall;
mod stock;
mod tax;

use std::sync::Arc;

use platform::entitlement::{Entitlements, Unlimited};
use platform::jobs::{Handlers, Schedule};
use platform::keys::Keyring;
use platform::{Clock, Db, Entropy};
use utoipa_axum::router::OpenApiRouter;

pub use error::{Error, PROBLEMS, QR_EXPIRED, QR_FORGED};
pub use goods::{Good, Goods};
pub use hold::Returned;
pub use product::{FloorChange, NewProduct, Product, ProductChange, VendorProduct};
pub use qr::{QrError, StallQr, VALID_FOR};
pub use shelf::ShelfRoom;
pub use stall::{Stall, StallChange};
pub use stock::{Change, Reason, Stock, StockChange, StockMovement};
pub use tax::{NotAPercentage, Percent, Tax, Treatment};

use crate::jobs::release_forgotten_holds::{self, ReleaseForgottenHolds};
use crate::qr::Signer;

/// What the installation decides about stalls.
#[derive(Debug, Clone)]
pub struct Config {
    /// What a stall's code carries before `/s/…`, such as `https://192.168.1.5:8443`: an address that buyers' phones reach.
    pub public_url: String,
}

/// The context. Cheap to clone.
#[derive(Clone)]
pub struct Catalog {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    signer: Signer,
    sync: sync::Sync,
    /// How much a vendor may have on the shelf.
    allowed: Arc<dyn Entitlements>,
    config: Arc<Config>,
}

impl Catalog {
    /// The context in this database.
    pub fn new(
        db: Db,
        clock: Clock,
        entropy: Entropy,
        keyring: &Keyring,
        sync: sync::Sync,
        config: Config,
    ) -> Self {
        let signer = Signer::new(keyring);
        Self { db, clock, entropy, signer, sync, allowed: Arc::new(Unlimited), config: Arc::new(config) }
    }

    /// The context in which vendors have as much as this says; without it there are no plans.
    #[must_use]
    pub fn allowing(self, allowed: Arc<dyn Entitlements>) -> Self {
        Self { allowed, ..self }
    }

    /// The endpoints, with their state bound.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let catalog = self.clone();
        Handlers::default()
            .on(move |_: ReleaseForgottenHolds| release_forgotten_holds::run(catalog.clone()))
            .schedule(Schedule::every(release_forgotten_holds::EVERY, &ReleaseForgottenHolds {}))
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").field("config", &self.config).finish_non_exhaustive()
    }
}
