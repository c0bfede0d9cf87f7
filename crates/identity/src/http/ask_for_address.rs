//! `POST /me/email`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::AddressGiven;
use crate::{Caller, Error, Identity};

/// Sends a link to an address that the caller wants to sign in with. The answer is the same where it is somebody else's.
#[utoipa::path(
    post, path = "/me/email", tag = "identity", request_body = AddressGiven,
    responses((status = ACCEPTED), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_address(
    State(identity): State<Identity>,
    caller: Caller,
    Json(asked): Json<AddressGiven>,
) -> Result<StatusCode, Error> {
    identity.ask_for_address(&caller, &asked).await?;
    Ok(StatusCode::ACCEPTED)
}
