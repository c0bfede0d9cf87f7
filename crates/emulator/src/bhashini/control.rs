//! What a test, a demo or a person at the terminal may do to BHASHINI, as methods and over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};

use super::{Bhashini, Heard, Line};
use crate::control::{self, Answer, Command, Refusal};
use crate::fault::{ApiFault, Call};

impl Bhashini {
    /// Adds lines to the script; a line for a question that has one replaces it.
    ///
    /// # Errors
    /// A line out of bounds, or a full script. Lines before it were added.
    pub fn script(&self, lines: impl IntoIterator<Item = Line>) -> Result<(), Refusal> {
        let mut state = self.state();
        lines.into_iter().try_for_each(|line| state.script.add(line)).map_err(Refusal::from)
    }

    /// Forgets the script.
    pub fn clear_script(&self) {
        self.state().script.clear();
    }

    /// The latest questions, oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        self.state().heard.all()
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

    /// Forgets script, rules and calls.
    pub fn reset(&self) {
        self.shared.gate.reset();
        let mut state = self.state();
        state.script.clear();
        state.heard.clear();
    }
}

pub(super) fn router(bhashini: &Bhashini) -> Router {
    let routes = Router::new()
        .route("/script", post(add_lines).delete(clear_script))
        .route("/heard", get(heard))
        .route("/reset", post(reset))
        .with_state(bhashini.clone());
    control::guarded(&bhashini.shared.clock, &bhashini.shared.gate, routes)
}

async fn add_lines(
    State(bhashini): State<Bhashini>,
    Command(lines): Command<Vec<Line>>,
) -> Answer<StatusCode> {
    bhashini.script(lines)?;
    Ok(StatusCode::CREATED)
}

async fn clear_script(State(bhashini): State<Bhashini>) -> StatusCode {
    bhashini.clear_script();
    StatusCode::NO_CONTENT
}

async fn heard(State(bhashini): State<Bhashini>) -> Json<Vec<Heard>> {
    Json(bhashini.heard())
}

async fn reset(State(bhashini): State<Bhashini>) -> StatusCode {
    bhashini.reset();
    StatusCode::NO_CONTENT
}
