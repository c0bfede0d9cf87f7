//! `GET /operator/providers`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::Voice;
use crate::providers::{Error, Providers};

/// The keys by which providers are called, in the order in which they are tried, and how calls went.
#[utoipa::path(
    get, path = "/operator/providers", tag = "operator",
    responses((status = OK, body = Providers), (status = "4XX", body = problem::Body)),
)]
pub async fn list_providers(State(voice): State<Voice>, caller: Caller) -> Result<Json<Providers>, Error> {
    voice.providers(&caller).await.map(Json)
}
