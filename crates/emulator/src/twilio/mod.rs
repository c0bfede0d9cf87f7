//! Twilio: the Messages resource of the REST API (version 2010-04-01), by SMS and WhatsApp, with content templates.
//!
//! What is sent stays on a shelf that tests, journeys and people read. A message is queued, sent a second later and delivered after
//! three. The numbers that the documents name for tests (`+1500555000…`) are refused as they say. WhatsApp takes templates alone: words
//! that somebody writes first are taken, and fail a second later.
//!
//! Deliberately absent: messages that come in, status callbacks, media, scheduling and calling off, services' pools of senders, the
//! Content API, prices.

mod auth;
mod control;
mod error;
mod http;
mod message;
mod sender;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::fault::{self, Gate};
use crate::shelf::Shelf;
use error::Error;
use message::Message;

pub use control::Sent;
pub use sender::Sender;

/// A message has 1,600 characters at most, each at most nine bytes of a form.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The emulated Twilio; clones share one.
#[derive(Clone)]
pub struct Twilio {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    gate: Gate,
    sender: Sender,
    state: Mutex<State>,
}

struct State {
    entropy: Entropy,
    messages: Shelf<Message>,
}

impl Twilio {
    /// A Twilio with one account.
    pub fn new(clock: Clock, seed: u64, sender: Sender) -> Self {
        let gate = Gate::new(clock.clone(), |status| Error::outage(status).into_response());
        let state = State { entropy: Entropy::seeded(seed), messages: Shelf::default() };
        Self { shared: Arc::new(Shared { clock, gate, sender, state: Mutex::new(state) }) }
    }

    /// The API and the control API. Serve it with connection info: the control API answers callers on this machine only.
    pub fn router(&self) -> Router {
        let calls = Router::new()
            .route("/2010-04-01/Accounts/{account}/Messages.json", post(http::create).get(http::list))
            .route(
                "/2010-04-01/Accounts/{account}/Messages/{message}",
                get(http::fetch).post(http::update).delete(http::delete),
            )
            .fallback(error::not_found)
            .method_not_allowed_fallback(error::method_not_allowed)
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn_with_state(self.shared.gate.clone(), fault::pass))
            .with_state(self.clone());
        calls.merge(control::router(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
