//! `POST /accounts/links`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::OpeningRequest;
use crate::{Caller, Error, Identity};

/// Sends a link that opens an account. The answer is the same where the address has one already; the letter says so.
#[utoipa::path(
    post, path = "/accounts/links", tag = "identity", request_body = OpeningRequest,
    responses((status = ACCEPTED), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_to_open_account(
    State(identity): State<Identity>,
    caller: Caller,
    Json(asked): Json<OpeningRequest>,
) -> Result<StatusCode, Error> {
    identity.ask_to_open(&caller, &asked).await?;
    Ok(StatusCode::ACCEPTED)
}
