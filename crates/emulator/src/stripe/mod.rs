//! Stripe: customers, payments with test cards, hosted checkout, refunds, disputes, payouts, subscriptions and webhooks.
//!
//! Everything lives in memory behind one lock and is bounded. State changes are methods of `Desk`, one account's place
//! at the gateway; `http` only reads requests and writes answers.
//!
//! Deliberately absent: invoices and invoice items made by hand, proration, coupons, Connect, payment methods other than
//! the test cards, card numbers, taxes, shipping rates. Calls to them are refused as the vendor refuses an unknown path
//! or parameter.

mod account;
mod balance;
mod capture;
mod card;
mod charge;
mod checkout;
mod confirm;
mod control;
mod currency;
mod customer;
mod desk;
mod dispute;
mod dispute_calls;
mod error;
mod event;
mod expand;
mod file;
mod http;
mod idempotency;
mod intent;
mod intent_calls;
mod invoice;
mod invoicing;
mod line_item;
mod listing;
mod metadata;
mod pages;
mod params;
mod payment_method;
mod payout;
mod payout_calls;
mod payout_fault;
mod price;
mod product;
mod refund;
mod session;
mod session_calls;
mod setup_intent;
mod subscribing;
mod subscription;
mod task;
mod webhook_signature;
mod world;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::delivery::{self, Carrier, Outgoing, Taken};
use crate::fault::Gate;
use error::Error;
use world::World;

pub use account::{ACCOUNTS_MAX, NewAccount, RefundFate, Settings};
pub use control::{Authentication, NewDispute, Paid, Payment, Refusal, Verdict};
pub use event::{API_VERSION, EVENTS};
pub use payout_fault::PayoutFault;

pub use crate::delivery::{Attempt, Delivery, DeliveryState, Endpoint, WebhookFault, WebhookFaultKind};

/// The most webhooks one account may set, as the vendor allows.
pub const ENDPOINTS_MAX: usize = 16;

/// The emulated gateway; clones share one.
#[derive(Clone)]
pub struct Stripe {
    shared: Arc<Shared>,
}

struct Shared {
    world: Mutex<World>,
    clock: Clock,
    gate: Gate,
    wake: Notify,
    progress: watch::Sender<u64>,
    public_url: String,
    seed: u64,
    accounts: Vec<NewAccount>,
    answer_within: Duration,
}

/// What a gateway is made with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its time.
    pub clock: Clock,
    /// The same seed and calls give the same ids.
    pub seed: u64,
    /// Where browsers reach the hosted pages, without a slash at the end.
    pub public_url: String,
    /// The accounts open from the start and after a reset.
    pub accounts: Vec<NewAccount>,
    /// How long a webhook endpoint may take to answer, in real time.
    pub answer_within: Duration,
}

impl Stripe {
    /// A gateway with these accounts. An account that cannot be opened is left out, with a warning in the log.
    pub fn new(setup: Setup) -> Self {
        let gate = Gate::new(setup.clock.clone(), |status: StatusCode| Error::outage(status).into_response());
        let world = furnished(setup.seed, &setup.public_url, &setup.accounts);
        let shared = Shared {
            world: Mutex::new(world),
            clock: setup.clock,
            gate,
            wake: Notify::new(),
            progress: watch::Sender::new(0),
            public_url: setup.public_url,
            seed: setup.seed,
            accounts: setup.accounts,
            answer_within: setup.answer_within,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The vendor's API, the hosted pages and the control API. Serve it with connection info: the control API answers
    /// callers on this machine only.
    pub fn router(&self) -> Router {
        pages::router(self).merge(control::router(self)).merge(http::router(self))
    }

    /// Delivers webhooks for as long as it is polled.
    pub async fn deliver(self) {
        let agent = "Stripe/1.0 (+https://stripe.com/docs/webhooks)";
        let client = crate::outbound::client(agent, self.shared.answer_within);
        delivery::send_due(self, client).await;
    }

    /// The gateway's time.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    /// Works on the world at the clock's time, and wakes the delivery of webhooks.
    fn with_world<R>(&self, work: impl FnOnce(&mut World) -> R) -> R {
        let result = self.quietly(work);
        self.shared.wake.notify_one();
        result
    }

    /// The same without waking anybody.
    fn quietly<R>(&self, work: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.shared.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance_to(self.shared.clock.now_ms());
        work(&mut world)
    }
}

impl Carrier for Stripe {
    fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    fn take_outgoing(&self) -> Taken {
        self.quietly(|world| {
            let now_ms = world.now_ms();
            let outgoing = world.bench.post_room.take_outgoing(now_ms);
            (outgoing, world.bench.agenda.next_ms(), world.generation)
        })
    }

    fn finish(&self, sent: &Outgoing, attempts: Vec<Attempt>, generation: u64) {
        self.quietly(|world| world.finish_delivery(sent, attempts, generation));
    }

    fn report_progress(&self) {
        self.shared.progress.send_modify(|count| *count += 1);
    }

    async fn woken(&self) {
        self.shared.wake.notified().await;
    }
}

fn furnished(seed: u64, public_url: &str, accounts: &[NewAccount]) -> World {
    let mut world = World::new(seed, public_url.to_owned());
    for opened in accounts {
        if let Err(problem) = world.open_account(opened.clone()) {
            tracing::warn!(account = opened.name, problem, "an account was not opened");
        }
    }
    world
}
