//! `POST /me/confirmations`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::confirmation::Proof;
use crate::{Caller, Error, Identity};

/// Shows once more that it is the caller: for ten minutes what asks for that is let through.
#[utoipa::path(
    post, path = "/me/confirmations", tag = "identity", request_body = Proof,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn confirm(
    State(identity): State<Identity>,
    caller: Caller,
    Json(shown): Json<Proof>,
) -> Result<StatusCode, Error> {
    identity.confirm(&caller, &shown).await?;
    Ok(StatusCode::NO_CONTENT)
}
