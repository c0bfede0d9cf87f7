//! `POST /operator/providers`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::Voice;
use crate::providers::{Error, NewProviderKey, Providers};

/// Keeps a key, which is tried after those that are there. Gives all.
#[utoipa::path(
    post, path = "/operator/providers", tag = "operator", request_body = NewProviderKey,
    responses((status = CREATED, body = Providers), (status = "4XX", body = problem::Body)),
)]
pub async fn add_provider_key(
    State(voice): State<Voice>,
    caller: Caller,
    Json(asked): Json<NewProviderKey>,
) -> Result<(StatusCode, Json<Providers>), Error> {
    let told = voice.add_provider_key(&caller, &asked).await?;
    Ok((StatusCode::CREATED, Json(told)))
}
