//! `POST /accounts/codes`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_code::OpeningByPhone;
use crate::{Caller, CodeAsked, Error, Identity};

/// Sends a code that opens an account. The answer is the same where the number has one already; the message says so.
#[utoipa::path(
    post, path = "/accounts/codes", tag = "identity", request_body = OpeningByPhone,
    responses((status = ACCEPTED, body = CodeAsked), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_opening_code(
    State(identity): State<Identity>,
    caller: Caller,
    Json(asked): Json<OpeningByPhone>,
) -> Result<(StatusCode, Json<CodeAsked>), Error> {
    let sent = identity.ask_to_open_by_phone(&caller, &asked).await?;
    Ok((StatusCode::ACCEPTED, Json(sent)))
}
