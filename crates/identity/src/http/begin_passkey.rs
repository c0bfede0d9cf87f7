//! `POST /me/passkeys/questions`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::passkey::PasskeyQuestion;
use crate::{Caller, Error, Identity};

/// Asks the caller's browser to make a passkey. The answer goes to `POST /me/passkeys` within five minutes.
#[utoipa::path(
    post, path = "/me/passkeys/questions", tag = "identity",
    responses((status = CREATED, body = PasskeyQuestion), (status = "4XX", body = problem::Body)),
)]
pub async fn begin_passkey(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(StatusCode, Json<PasskeyQuestion>), Error> {
    Ok((StatusCode::CREATED, Json(identity.begin_passkey(&caller).await?)))
}
