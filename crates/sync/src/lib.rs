//! Live sync: a numbered log a subscriber, sockets that miss nothing, notices to sleeping phones.
//!
//! A subscriber is a stall's vendor or one of its guests. What it has to hear is written to its log in the transaction that
//! made it true, numbered without gaps, and sent to every device of the subscriber that has a socket open. A device that
//! was away says the last number it saw and gets the rest; where the log does not reach back it is told to load anew.
//!
//! **Invariants.** Numbers of one epoch have no gaps and follow the order of commits: the head's row lock is held from
//! numbering to commit. A socket is sent each number once and in order, or `resync` and the end. What a socket may cost is bounded:
//! its queue by count and bytes, its frames by size and pace, its silence and its slowness by time. An event is encoded once for
//! all devices. Tickets are one use, 30 seconds, and kept as hashes; a socket ends with its session or pass.
//!
//! **Lock order.** Heads by tenant and subscriber, after every other lock of the transaction: publish last, and all at once
//! ([`Sync::publish_all`]).
//!
//! **Deliberately absent**: LISTEN/NOTIFY (one lock for all commits of the database), rooms and channels (a subscriber is the
//! unit), signals to other nodes (they may be lost anyhow), and what an event means.

mod config;
mod db;
mod error;
mod event;
mod http;
mod hub;
mod jobs;
mod publish;
mod push;
mod signal;
mod socket;
mod subscriber;
mod ticket;

use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use identity::Identity;
use platform::jobs::{Handlers, Jobs, Schedule};
use platform::keys::Keyring;
use platform::limit::Limiter;
use platform::{Clock, Db, Entropy};
use utoipa_axum::router::OpenApiRouter;

pub use config::{Config, PushConfig, PushTargets, SocketLimits};
pub use error::{Error, PROBLEMS};
pub use event::Event;
pub use push::{Contact, InvalidSetting, Notice, PushSubscription, VapidKey};
pub use signal::{Relay, Sender, Signal, SignalKind};
pub use subscriber::Subscriber;
pub use ticket::SocketTicket;

use crate::hub::Hub;
use crate::jobs::purge_log::{self, PurgeLog};
use crate::jobs::send_push::{self, SendPush};
use crate::push::Pusher;
use crate::socket::Strangers;

/// The context. Cheap to clone: every call does so several times.
#[derive(Clone)]
pub struct Sync(Arc<Inner>);

/// What the context is made of.
#[doc(hidden)]
pub struct Inner {
    db: Db,
    clock: Clock,
    entropy: Entropy,
    jobs: Jobs,
    identity: Identity,
    config: Arc<Config>,
    hub: Arc<Hub>,
    relay: Arc<OnceLock<Arc<dyn Relay>>>,
    pusher: Option<Arc<Pusher>>,
    strangers: Strangers,
    tickets: Arc<Limiter<Subscriber>>,
    signals: Arc<Limiter<Subscriber>>,
}

impl Sync {
    /// The context in this database.
    #[expect(clippy::too_many_arguments, reason = "wired in one place, from values of seven distinct types")]
    pub fn new(
        db: Db,
        clock: Clock,
        entropy: Entropy,
        keyring: &Keyring,
        jobs: Jobs,
        identity: Identity,
        config: Config,
    ) -> Self {
        Self(Arc::new(Inner {
            hub: Arc::new(Hub::new(config.sockets.clone())),
            relay: Arc::default(),
            pusher: Pusher::new(&config.push, keyring, clock.clone(), entropy.clone()).map(Arc::new),
            strangers: Strangers::default(),
            tickets: Arc::new(Limiter::new(clock.clone(), 30, Duration::from_secs(2))),
            signals: Arc::new(Limiter::new(clock.clone(), 40, Duration::from_millis(100))),
            config: Arc::new(config),
            db,
            clock,
            entropy,
            jobs,
            identity,
        }))
    }

    /// Says who knows which side hears whose signals. Set once, at wiring: until then signals are dropped.
    ///
    /// # Panics
    /// Where it is set twice: the wiring is wrong.
    pub fn relay_through(&self, relay: Arc<dyn Relay>) {
        assert!(self.relay.set(relay).is_ok(), "signals are relayed through one context");
    }

    /// How many sockets this process serves. For health and metrics.
    pub fn open_sockets(&self) -> usize {
        self.hub.sockets()
    }

    /// The endpoints, with their state bound. They need identity's middleware.
    pub fn routes(&self) -> OpenApiRouter {
        http::routes().with_state(self.clone())
    }

    /// The jobs, and which come round.
    pub fn handlers(&self) -> Handlers {
        let (purging, sending) = (self.clone(), self.clone());
        Handlers::default()
            .on(move |_: PurgeLog| purge_log::run(purging.clone()))
            .on(move |job: SendPush| send_push::run(sending.clone(), job))
            .schedule(Schedule::every(purge_log::EVERY, &PurgeLog {}))
    }
}

impl Deref for Sync {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for Sync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sync(…)")
    }
}
