//! The gateway: orders, payments, refunds, UPI QR codes, disputes, its checkout, payouts (`RazorpayX`) and its webhooks.
//!
//! Everything lives in memory behind one lock and is bounded. State changes are methods of `Desk`, one
//! merchant's place at the gateway; `http` only reads requests and writes answers.
//!
//! Deliberately absent: plans and subscriptions (mandates are charged as the merchant asks), e-mandates and paper mandates, Route
//! transfers, instant settlements, partial payments and every payment method but UPI and the test card. Calls to them are refused as the vendor refuses a feature that is not enabled.

mod bank;
mod checkout;
mod control;
mod desk;
mod dispute;
mod document;
mod error;
mod fields;
mod http;
mod mandate;
mod merchant;
mod mishap;
mod order;
mod payment;
mod payout;
mod play;
mod qr_code;
mod refund;
mod settlement;
mod task;
mod webhook;
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

pub use control::{Callback, Played, Refusal};
pub use dispute::{Decision, NewDispute, Phase};
pub use mandate::TokenStatus;
pub use merchant::{MERCHANTS_MAX, NewMerchant, RefundFate, Settings};
pub use mishap::Mishap;
pub use payment::Method;
pub use payout::{ACCOUNT_NUMBER, PayoutFate};
pub use play::{Outcome, Play};
pub use settlement::{SettlementFault, SettlementFaultKind};
pub use webhook::{ANSWER_WITHIN, ENDPOINTS_MAX, EVENTS};

pub use crate::delivery::{Attempt, Delivery, DeliveryState, Endpoint, WebhookFault, WebhookFaultKind};

/// The emulated gateway; clones share one.
#[derive(Clone)]
pub struct Razorpay {
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
    merchants: Vec<NewMerchant>,
    answer_within: Duration,
}

/// What a gateway is made with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its time.
    pub clock: Clock,
    /// The same seed and calls give the same ids.
    pub seed: u64,
    /// Where browsers reach the pay pages, without a slash at the end.
    pub public_url: String,
    /// The accounts open from the start and after a reset.
    pub merchants: Vec<NewMerchant>,
    /// How long a webhook endpoint may take to answer, in real time; [`ANSWER_WITHIN`] at the vendor.
    pub answer_within: Duration,
}

impl Razorpay {
    /// A gateway with these accounts. An account that cannot be opened is left out, with a warning in the log.
    pub fn new(setup: Setup) -> Self {
        let gate = Gate::new(setup.clock.clone(), |status: StatusCode| Error::outage(status).into_response());
        let world = furnished(setup.seed, &setup.public_url, &setup.merchants);
        let shared = Shared {
            world: Mutex::new(world),
            clock: setup.clock,
            gate,
            wake: Notify::new(),
            progress: watch::Sender::new(0),
            public_url: setup.public_url,
            seed: setup.seed,
            merchants: setup.merchants,
            answer_within: setup.answer_within,
        };
        Self { shared: Arc::new(shared) }
    }

    /// The vendor's API, the pay pages and the control API. Serve it with connection info: the control API answers
    /// callers on this machine only.
    pub fn router(&self) -> Router {
        http::router(self).merge(checkout::router(self)).merge(control::router(self))
    }

    /// Delivers webhooks for as long as it is polled.
    pub async fn deliver(self) {
        let client = crate::outbound::client("Razorpay-Webhook/v1", self.shared.answer_within);
        delivery::send_due(self, client).await;
    }

    /// The gateway's time.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Where browsers reach the pay pages, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.shared.public_url
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

impl Carrier for Razorpay {
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

fn furnished(seed: u64, public_url: &str, merchants: &[NewMerchant]) -> World {
    let mut world = World::new(seed, public_url.to_owned());
    for opened in merchants {
        if let Err(problem) = world.open_account(opened.clone()) {
            tracing::warn!(key_id = opened.key_id, problem, "a merchant's account was not opened");
        }
    }
    world
}
