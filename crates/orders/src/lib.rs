//! Orders: opened by an agreement, paid, handed over; stock held and money asked for in one transaction.
//!
//! An agreement opens an order or joins the unpaid one of its visit: it holds the stock, asks for the whole amount and sets the time
//! by which it must be paid, all in the caller's transaction or not at all. News that the money has come becomes a job that
//! sells what was held, issues the document and tells both sides, in one transaction too.
//!
//! **Invariants.** An order is numbered once, without gaps, within its stall. What a buyer pays is the sum of what was agreed. An
//! open order holds its stock; one that expired or was called off holds none. Money that comes after that buys the goods
//! where they are still there, and goes back where they are not. What goes back later, for goods or without, is of parts of its lines that
//! lie end to end: never more than a line, and for each refund that was made there is a credit note of just these parts. Every change of state is in the timeline, and whoever changes an order
//! locks, in this order: the order, its intents, stock, the sync logs.
//!
//! A dispute of its money is answered with what the order kept: what was said on the way to it, what became of it, its papers.
//!
//! **Deliberately absent**: what was said in the bargaining beyond that (it comes down as a snapshot), gateways, the layout of documents, carts.

mod agree;
mod change;
mod db;
mod dispute;
mod end;
mod error;
mod evidence;
mod http;
mod jobs;
pub mod order;
mod parts;
mod payment_request;
mod read;
mod recipient;
mod refund;
mod refunded;
mod sale;
mod settle;
mod supply;
mod view;

use billing::Billing;
use catalog::Catalog;
use payments::Payments;
use platform::fields::Fields;
use platform::jobs::{Handlers, Jobs};
use platform::{Clock, Db, Entropy};
use sync::Sync;
use utoipa_axum::router::OpenApiRouter;

pub use error::{Error, PROBLEMS};
pub use evidence::{EvidencePack, EvidencePart};
pub use jobs::refund_order::refunded_draft;
pub use jobs::settle_order::settle_draft;
pub use order::{Agreement, OrderState};
pub use parts::NotLeft;
pub use refund::{RefundBy, RefundOf, RefundView, ReturnedLine};
pub use view::{LineView, OperatorOrder, OrderCard, OrderView, TimelineStep};

use crate::jobs::expire_order::{self, ExpireOrder};
use crate::jobs::refund_order::{self, RefundOrder};
use crate::jobs::settle_order::{self, SettleOrder};

/// The context. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Orders {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    jobs: Jobs,
    sync: Sync,
    catalog: Catalog,
    payments: Payments,
    billing: Billing,
    fields: Fields,
}

/// The contexts below that an order is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Whose log both sides read.
    pub sync: Sync,
    /// Where stock is held.
    pub catalog: Catalog,
    /// Where the money is asked for.
    pub payments: Payments,
    /// Who issues the document.
    pub billing: Billing,
    /// Seals whom documents are for, until they are made.
    pub fields: Fields,
}

impl Orders {
    /// The context in this database, over the contexts it is made of.
    pub fn new(db: Db, clock: Clock, entropy: Entropy, jobs: Jobs, parts: Parts) -> Self {
        let Parts { sync, catalog, payments, billing, fields } = parts;
        Self { db, clock, entropy, jobs, sync, catalog, payments, billing, fields }
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs.
    pub fn handlers(&self) -> Handlers {
        let (settling, refunding, expiring) = (self.clone(), self.clone(), self.clone());
        Handlers::default()
            .on(move |job: SettleOrder| settle_order::run(settling.clone(), job))
            .on(move |job: RefundOrder| refund_order::run(refunding.clone(), job))
            .on(move |job: ExpireOrder| expire_order::run(expiring.clone(), job))
    }
}
