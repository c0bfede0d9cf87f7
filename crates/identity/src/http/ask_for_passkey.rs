//! `POST /sessions/passkey-questions`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::passkey::PasskeyQuestion;
use crate::{Caller, Error, Identity};

/// Asks a browser for any passkey. The answer goes to `POST /sessions/passkey` or `POST /me/confirmations` within five minutes.
#[utoipa::path(
    post, path = "/sessions/passkey-questions", tag = "identity",
    responses((status = CREATED, body = PasskeyQuestion), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_passkey(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(StatusCode, Json<PasskeyQuestion>), Error> {
    Ok((StatusCode::CREATED, Json(identity.ask_for_passkey(&caller).await?)))
}
