//! `POST /password-resets/codes`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_code::NumberGiven;
use crate::{Caller, CodeAsked, Error, Identity};

/// Sends a code that replaces a forgotten password. The answer is the same where nobody has shown that the number is theirs.
#[utoipa::path(
    post, path = "/password-resets/codes", tag = "identity", request_body = NumberGiven,
    responses((status = ACCEPTED, body = CodeAsked), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_reset_code(
    State(identity): State<Identity>,
    caller: Caller,
    Json(asked): Json<NumberGiven>,
) -> Result<(StatusCode, Json<CodeAsked>), Error> {
    let sent = identity.ask_to_reset_by_phone(&caller, &asked).await?;
    Ok((StatusCode::ACCEPTED, Json(sent)))
}
