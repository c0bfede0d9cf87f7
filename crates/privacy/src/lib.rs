//! A copy of one's data, its erasure, and complaints about what is done with it: for people with an account, and for buyers by the
//! passes of their phone.
//!
//! What belongs to whom stands in the register of [`platform::personal`], which every context fills for its own tables. A copy is an
//! archive that a job makes: rows as JSON, recordings and papers as files; its link is unguessable, works for a day and for whoever
//! asked alone. An erasure begins two days after it was asked for, and until then the person may keep the account.
//!
//! **Invariants.** Nobody is handed what lets somebody in, nor what another side of a bargain keeps to itself. Nothing is erased while
//! money or goods are owed, or while a business would be left without an owner. An erasure that began goes on until it is done,
//! whatever dies meanwhile, and doing a step again changes nothing. What stays has its reason in the register. Both are
//! kept in the audit trail.
//!
//! **Deliberately absent**: copies to another address than the screen of whoever asked; the erasure of what another person wrote; a
//! way back once it began.

mod archive;
mod config;
mod db;
mod erasure;
mod error;
mod export;
mod grievance;
mod http;
mod jobs;
mod personal;
mod visits;

use std::sync::{Arc, OnceLock};

use identity::Identity;
use platform::blob::BlobStore;
use platform::fields::Fields;
use platform::jobs::{Handlers, Jobs, Schedule};
use platform::keys::Keyring;
use platform::personal::Holder;
use platform::seal::Sealer;
use platform::{Clock, Db, Entropy};
use utoipa_axum::router::OpenApiRouter;

pub use config::{Config, Officer};
pub use erasure::{AskedErasure, EndingBusiness, ErasurePlan, REGRET};
pub use error::{Error, PROBLEMS};
pub use export::{Export, ExportState, Exports, LINK_FOR};
pub use grievance::{
    About, Answer, Grievance, GrievanceQuery, Grievances, NewGrievance, OperatorGrievance, State,
};

use crate::jobs::erase_account::{self, EraseAccount};
use crate::jobs::erase_visits::{self, EraseVisits};
use crate::jobs::look_at_grievances::{self, LookAtGrievances};
use crate::jobs::make_export::{self, MakeExport};
use crate::jobs::purge_exports::{self, PurgeExports};

/// The context. Cheap to clone.
#[derive(Clone)]
pub struct Privacy {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    jobs: Jobs,
    identity: Identity,
    blobs: BlobStore,
    sealer: Arc<Sealer>,
    /// Seals and opens what stands in rows.
    fields: Fields,
    config: Arc<Config>,
    holders: Arc<OnceLock<Vec<Arc<dyn Holder>>>>,
}

impl Privacy {
    /// The context in this database: with the queue of what is slow, with whose data it is, and with where copies lie for a day. Nobody
    /// is named who answers complaints.
    pub fn new(
        db: Db,
        clock: Clock,
        entropy: Entropy,
        keyring: &Keyring,
        (jobs, identity, blobs): (Jobs, Identity, BlobStore),
    ) -> Self {
        let config = Arc::default();
        let sealer = Arc::new(Sealer::new(keyring, "data-exports", entropy.clone()));
        let fields = Fields::new(keyring, entropy.clone());
        let holders = Arc::default();
        Self { db, clock, entropy, jobs, identity, blobs, sealer, fields, config, holders }
    }

    /// The same with whom this installation names.
    #[must_use]
    pub fn configured(self, config: Config) -> Self {
        Self { config: Arc::new(config), ..self }
    }

    /// Says which contexts keep something of people, in the order in which they let it go; whoever says who may sign in comes last.
    ///
    /// # Panics
    /// Where it is said twice: the wiring is wrong.
    pub fn ask(&self, holders: Vec<Arc<dyn Holder>>) {
        assert!(self.holders.set(holders).is_ok(), "the contexts are named once");
    }

    /// The contexts that keep something of people.
    ///
    /// # Panics
    /// Where none were named: the wiring is wrong.
    pub fn holders(&self) -> &[Arc<dyn Holder>] {
        self.holders.get().expect("the contexts are named")
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let of = || self.clone();
        let (making, erasing, forgetting, purging, looking) = (of(), of(), of(), of(), of());
        Handlers::default()
            .on(move |job: MakeExport| make_export::run(making.clone(), job))
            .on(move |job: EraseAccount| erase_account::run(erasing.clone(), job))
            .on(move |job: EraseVisits| erase_visits::run(forgetting.clone(), job))
            .on(move |_: PurgeExports| purge_exports::run(purging.clone()))
            .on(move |_: LookAtGrievances| look_at_grievances::run(looking.clone()))
            .schedule(Schedule::every(purge_exports::EVERY, &PurgeExports {}))
            .schedule(Schedule::every(look_at_grievances::EVERY, &LookAtGrievances {}))
    }
}
