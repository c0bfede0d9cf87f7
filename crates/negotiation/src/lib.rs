//! Buyers at stalls: visits, messages in two languages, typed offers, read-backs, agreements.
//!
//! A buyer scans a stall's code and needs no account. What either side says is read by `parley` against what is on the table and
//! told to the other side in its own language. An offer is a typed act: the same numbers on both screens by construction. One that
//! was spoken or written freely is shown as being confirmed, and nobody can act on it until its speaker has said yes to the
//! read-back; what is unclear is asked about and not sent. Agreeing has a read-back of its own and opens the order.
//!
//! **Invariants.** Every change of a visit locks its row first and is told to both sides in the same transaction. At most one
//! offer a product is on the table. Nothing binds unconfirmed. A retry under the same client id does nothing twice. What the
//! vendor keeps private (the floor) is never in what a buyer reads. Of a recording only the hash stays, unless its speaker keeps it,
//! sealed, for as long as the installation says; a visit is forgotten after such a time too.
//!
//! **Deliberately absent**: an assistant that bargains by itself, auctions and shared visits, prices that a machine suggests to
//! either side beyond the three chips, editing or deleting what was said.

mod agreement;
mod arrival;
mod bargain;
mod chips;
mod db;
mod error;
mod given;
mod hearing;
mod http;
mod jobs;
mod kept;
mod limits;
mod listening;
mod listing;
mod message;
mod moderation;
mod news;
mod notice;
mod offer;
mod personal;
mod presence;
mod reach;
mod read_back;
mod recording;
mod report;
mod room;
mod seal_again;
mod settle;
mod speech;
mod stay;
mod talk;
mod understanding;
mod view;
mod visit;

use std::ops::Deref;
use std::sync::Arc;

use catalog::Catalog;
use identity::Identity;
use orders::Orders;
use platform::blob::BlobStore;
use platform::fields::Fields;
use platform::jobs::{Handlers, Jobs, Schedule};
use platform::keys::Keyring;
use platform::retention::Retention;
use platform::scan::Scanner;
use platform::seal::Sealer;
use platform::switches::Switches;
use platform::{Clock, Db, Entropy};
use utoipa_axum::router::OpenApiRouter;
use voice::Voice;

pub use bargain::Settled;
pub use error::{Error, PROBLEMS};
pub use jobs::announce_payment::paid_draft;
pub use message::{Author, MadeBy, MessageState, Via, Warning};
pub use offer::{Moves, OfferState};
pub use read_back::QuestionKind;
pub use talk::Said;
pub use view::{
    LastMessage, MessageView, OfferView, OperatorVisit, Original, PreviewProduct, ReadBackView,
    RecordingView, ShelfView, StallPreview, VisitCard, VisitView,
};
pub use visit::VisitState;

use crate::jobs::announce_payment::{self, AnnouncePayment};
use crate::jobs::expire_offer::{self, ExpireOffer};
use crate::jobs::hear_recording::{self, HearRecording};
use crate::jobs::purge::{self, Purge};
use crate::jobs::translate_message::{self, TranslateMessage};
use crate::limits::Limits;
use crate::recording::Ready;

/// The context. Cheap to clone: every call does so several times.
#[derive(Debug, Clone)]
pub struct Negotiation(Arc<Inner>);

/// What the context is made of.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Inner {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    jobs: Jobs,
    sync: sync::Sync,
    catalog: Catalog,
    orders: Orders,
    identity: Identity,
    voice: Voice,
    blobs: BlobStore,
    sealer: Sealer,
    fields: Fields,
    limits: Arc<Limits>,
    ready: Arc<Ready>,
    retention: Retention,
    scanner: Scanner,
    switches: Option<Switches>,
}

/// The contexts below and the stores that bargaining is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where what is slow is done.
    pub jobs: Jobs,
    /// Whose logs both sides read.
    pub sync: sync::Sync,
    /// What stalls sell.
    pub catalog: Catalog,
    /// What an agreement opens.
    pub orders: Orders,
    /// Who lets guests in.
    pub identity: Identity,
    /// Who hears, speaks and translates.
    pub voice: Voice,
    /// Where sealed recordings lie.
    pub blobs: BlobStore,
}

impl Negotiation {
    /// The context in this database, over the contexts it is made of.
    pub fn new(db: Db, clock: Clock, entropy: Entropy, keyring: &Keyring, parts: Parts) -> Self {
        let Parts { jobs, sync, catalog, orders, identity, voice, blobs } = parts;
        Self(Arc::new(Inner {
            sealer: Sealer::new(keyring, "recordings", entropy.clone()),
            fields: Fields::new(keyring, entropy.clone()),
            limits: Arc::new(Limits::new(&clock)),
            ready: Arc::default(),
            retention: Retention::default(),
            scanner: Scanner::default(),
            switches: None,
            db,
            clock,
            entropy,
            jobs,
            sync,
            catalog,
            orders,
            identity,
            voice,
            blobs,
        }))
    }

    /// The same, keeping visits and recordings so long.
    #[must_use]
    pub fn keeping(mut self, retention: Retention) -> Self {
        Arc::make_mut(&mut self.0).retention = retention;
        self
    }

    /// The same, with recordings looked through by this scanner.
    #[must_use]
    pub fn scanned_by(mut self, scanner: Scanner) -> Self {
        Arc::make_mut(&mut self.0).scanner = scanner;
        self
    }

    /// The same, where parts can be switched off.
    #[must_use]
    pub fn switched_by(mut self, switches: Switches) -> Self {
        Arc::make_mut(&mut self.0).switches = Some(switches);
        self
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let of = || self.clone();
        let (hearing, translating, expiring, announcing, purging) = (of(), of(), of(), of(), of());
        Handlers::default()
            .on(move |job: HearRecording| hear_recording::run(hearing.clone(), job))
            .on(move |job: TranslateMessage| translate_message::run(translating.clone(), job))
            .on(move |job: ExpireOffer| expire_offer::run(expiring.clone(), job))
            .on(move |job: AnnouncePayment| announce_payment::run(announcing.clone(), job))
            .on(move |_: Purge| purge::run(purging.clone()))
            .schedule(Schedule::every(purge::EVERY, &Purge {}))
    }
}

impl Deref for Negotiation {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
