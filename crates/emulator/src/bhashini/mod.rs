//! BHASHINI: the ULCA configuration call and the Dhruva compute call, with scripted answers.
//!
//! What a recogniser hears and what a translator says is scripted, since an emulator can know neither: an unscripted
//! recording is heard as empty, an unscripted text cannot be translated and is answered as the vendor answers a model
//! that fails, never with an echo. Speech is a real, audible tone; language detection looks at the script alone.
//!
//! Deliberately absent: the pipeline search call, streaming over sockets, `ner`, `ocr` and fetching audio by address.

mod compute;
mod config_call;
mod control;
mod error;
mod language;
mod script;
mod service;
mod step;
mod wav;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::post;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::fault::{self, Gate};
use error::Error;
use script::Script;

pub use crate::control::Refusal;
pub use script::{Line, SCRIPT_LINES_MAX, Task, audio_key};
pub use service::Heard;

const CONFIG_BYTES_MAX: usize = 64 * 1024;
/// Enough for ten minutes of 16 kHz speech as WAV in base64.
const COMPUTE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Somebody who may call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Sent as `userID` with the configuration call.
    pub user_id: String,
    /// Sent as `ulcaApiKey` with the configuration call.
    pub ulca_api_key: String,
    /// Sent as `Authorization` with the compute call; handed out by the configuration call.
    pub inference_api_key: String,
}

impl User {
    /// The user every emulator knows. The keys guard nothing.
    pub fn demo() -> Self {
        Self {
            user_id: "emulator-user".to_owned(),
            ulca_api_key: "emulator-ulca-key".to_owned(),
            inference_api_key: "emulator-inference-key".to_owned(),
        }
    }
}

/// The emulated BHASHINI; clones share one.
#[derive(Clone)]
pub struct Bhashini {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    gate: Gate,
    public_url: String,
    users: Vec<User>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    script: Script,
    heard: service::Record,
}

impl Bhashini {
    /// A BHASHINI with these users, reached at `public_url` (without a slash at the end).
    pub fn new(clock: Clock, public_url: String, users: Vec<User>) -> Self {
        let gate = Gate::new(clock.clone(), |status| Error::outage(status).into_response());
        Self { shared: Arc::new(Shared { clock, gate, public_url, users, state: Mutex::default() }) }
    }

    /// Both calls and the control API. Serve it with connection info: the control API answers callers on this
    /// machine only.
    pub fn router(&self) -> Router {
        let calls = Router::new()
            .route(
                "/ulca/apis/v0/model/getModelsPipeline",
                post(config_call::get_models_pipeline).layer(DefaultBodyLimit::max(CONFIG_BYTES_MAX)),
            )
            .route(
                "/services/inference/pipeline",
                post(compute::pipeline).layer(DefaultBodyLimit::max(COMPUTE_BYTES_MAX)),
            )
            .fallback(error::not_found)
            .method_not_allowed_fallback(error::method_not_allowed)
            .layer(from_fn_with_state(self.shared.gate.clone(), fault::pass))
            .with_state(self.clone());
        calls.merge(control::router(self))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
