//! `POST /api-keys`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::api_key::{ApiKeyMade, NewApiKey};
use crate::{Caller, Error, Identity};

/// Makes a key for the caller's business. The key itself is shown only now.
#[utoipa::path(
    post, path = "/api-keys", tag = "identity", request_body = NewApiKey,
    responses((status = CREATED, body = ApiKeyMade), (status = "4XX", body = problem::Body)),
)]
pub async fn make_api_key(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewApiKey>,
) -> Result<(StatusCode, Json<ApiKeyMade>), Error> {
    Ok((StatusCode::CREATED, Json(identity.make_api_key(&caller, &new).await?)))
}
