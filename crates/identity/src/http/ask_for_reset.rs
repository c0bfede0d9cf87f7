//! `POST /password-resets`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::AddressGiven;
use crate::{Caller, Error, Identity};

/// Sends a link that replaces a forgotten password. The answer is the same where nobody has the address.
#[utoipa::path(
    post, path = "/password-resets", tag = "identity", request_body = AddressGiven,
    responses((status = ACCEPTED), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_reset(
    State(identity): State<Identity>,
    caller: Caller,
    Json(asked): Json<AddressGiven>,
) -> Result<StatusCode, Error> {
    identity.ask_to_reset(&caller, &asked).await?;
    Ok(StatusCode::ACCEPTED)
}
