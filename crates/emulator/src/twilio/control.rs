//! What a test, a journey or a person at the terminal may do to Twilio, as methods and over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;

use super::Twilio;
use super::message::Message;
use crate::control::{self, Refusal};
use crate::fault::{ApiFault, Call};
use crate::shelf::Shelf;

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The message.
    pub sid: String,
    /// Whom it went to; `whatsapp:` before the number where it went there.
    pub to: String,
    /// What it said.
    pub body: String,
    /// For how long it was to be tried, in seconds.
    pub validity_s: u64,
    /// Milliseconds since 1970, by the emulator's clock.
    pub at_ms: i64,
}

impl From<&Message> for Sent {
    fn from(message: &Message) -> Self {
        Self {
            sid: message.sid.clone(),
            to: message.to.clone(),
            body: message.body.clone(),
            validity_s: message.validity_s,
            at_ms: message.made_ms,
        }
    }
}

impl Twilio {
    /// The messages that were taken, oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        let mut sent: Vec<Sent> = self.state().messages.newest_first().map(Sent::from).collect();
        sent.reverse();
        sent
    }

    /// Adds a rule of what goes wrong with calls.
    ///
    /// # Errors
    /// Too many rules, or values out of bounds.
    pub fn add_fault(&self, fault: ApiFault) -> Result<(), Refusal> {
        self.shared.gate.add(fault).map_err(Refusal::from)
    }

    /// The rules that are not used up.
    pub fn faults(&self) -> Vec<ApiFault> {
        self.shared.gate.rules()
    }

    /// Lets calls go right again.
    pub fn clear_faults(&self) {
        self.shared.gate.clear();
    }

    /// The latest calls, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.gate.calls()
    }

    /// Forgets messages, rules and calls.
    pub fn reset(&self) {
        self.shared.gate.reset();
        self.state().messages = Shelf::default();
    }
}

pub(super) fn router(twilio: &Twilio) -> Router {
    let routes =
        Router::new().route("/sent", get(sent)).route("/reset", post(reset)).with_state(twilio.clone());
    control::guarded(&twilio.shared.clock, &twilio.shared.gate, routes)
}

async fn sent(State(twilio): State<Twilio>) -> Json<Vec<Sent>> {
    Json(twilio.sent())
}

async fn reset(State(twilio): State<Twilio>) -> StatusCode {
    twilio.reset();
    StatusCode::NO_CONTENT
}
