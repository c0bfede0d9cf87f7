//! What the control APIs of all vendors share: who may call, how they are called, the clock, and what goes wrong with a vendor's calls.
//!
//! Only callers on this machine are answered, and no web page is: a request with an `Origin` is refused, so that a
//! page open in a browser here cannot command the emulator.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clock::Clock;
use crate::fault::{ApiFault, Call, Gate};

const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// The furthest the clock moves at once: a year.
const ADVANCE_MS_MAX: u64 = 366 * 24 * 3_600_000;

/// Puts the guard before a vendor's control routes, adds the clock and what goes wrong with calls, and mounts all under `/_control`.
pub(crate) fn guarded(clock: &Clock, gate: &Gate, routes: Router) -> Router {
    let time = Router::new().route("/clock", get(show_clock).post(move_clock)).with_state(clock.clone());
    let of_calls = Router::new()
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/calls", get(calls))
        .with_state(gate.clone());
    let guarded = routes
        .merge(time)
        .merge(of_calls)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(only_from_this_machine));
    Router::new().nest("/_control", guarded)
}

async fn only_from_this_machine(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    if !peer.is_some_and(|address| address.is_loopback()) {
        return problem(StatusCode::FORBIDDEN, "the control API answers callers on this machine only");
    }
    if request.headers().contains_key(header::ORIGIN) {
        return problem(StatusCode::FORBIDDEN, "the control API does not answer web pages");
    }
    next.run(request).await
}

fn problem(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({ "problem": sentence }))).into_response()
}

/// The JSON body of a command.
pub(crate) struct Command<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Command<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"))?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            problem(StatusCode::UNPROCESSABLE_ENTITY, &format!("the body does not fit: {error}"))
        })
    }
}

/// The result of a command; a refusal is answered with status 409 and its sentence.
pub(crate) type Answer<T> = Result<T, Refusal>;

/// Why a command was not carried out, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub(crate) String);

impl From<&'static str> for Refusal {
    fn from(problem: &'static str) -> Self {
        Self(problem.to_owned())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        problem(StatusCode::CONFLICT, &self.0)
    }
}

async fn faults(State(gate): State<Gate>) -> Json<Vec<ApiFault>> {
    Json(gate.rules())
}

async fn add_fault(State(gate): State<Gate>, Command(fault): Command<ApiFault>) -> Answer<StatusCode> {
    gate.add(fault)?;
    Ok(StatusCode::CREATED)
}

async fn clear_faults(State(gate): State<Gate>) -> StatusCode {
    gate.clear();
    StatusCode::NO_CONTENT
}

async fn calls(State(gate): State<Gate>) -> Json<Vec<Call>> {
    Json(gate.calls())
}

#[derive(Serialize)]
struct Time {
    now_ms: i64,
    frozen: bool,
}

/// Moves, stops or starts the clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    #[serde(default)]
    advance_ms: u64,
    #[serde(default)]
    frozen: Option<bool>,
}

async fn show_clock(State(clock): State<Clock>) -> Json<Time> {
    Json(Time { now_ms: clock.now_ms(), frozen: clock.is_frozen() })
}

async fn move_clock(State(clock): State<Clock>, Command(command): Command<Move>) -> Response {
    if command.advance_ms > ADVANCE_MS_MAX {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "advance_ms must be at most a year");
    }
    if let Some(frozen) = command.frozen {
        clock.set_frozen(frozen);
    }
    clock.advance(Duration::from_millis(command.advance_ms));
    Json(Time { now_ms: clock.now_ms(), frozen: clock.is_frozen() }).into_response()
}
