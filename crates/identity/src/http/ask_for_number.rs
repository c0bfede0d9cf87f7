//! `POST /me/phone`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_code::NumberGiven;
use crate::{Caller, CodeAsked, Error, Identity};

/// Sends a code to the caller's number, or to one that the caller wants to have in place of it.
#[utoipa::path(
    post, path = "/me/phone", tag = "identity", request_body = NumberGiven,
    responses((status = ACCEPTED, body = CodeAsked), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_number(
    State(identity): State<Identity>,
    caller: Caller,
    Json(asked): Json<NumberGiven>,
) -> Result<(StatusCode, Json<CodeAsked>), Error> {
    let sent = identity.ask_for_number(&caller, &asked).await?;
    Ok((StatusCode::ACCEPTED, Json(sent)))
}
