//! `GET /api-keys`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::api_key::ApiKeys;
use crate::{Caller, Error, Identity};

/// The living keys by which other programs call in the name of the caller's business.
#[utoipa::path(
    get, path = "/api-keys", tag = "identity",
    responses((status = OK, body = ApiKeys), (status = "4XX", body = problem::Body)),
)]
pub async fn list_api_keys(State(identity): State<Identity>, caller: Caller) -> Result<Json<ApiKeys>, Error> {
    identity.api_keys(&caller).await.map(Json)
}
