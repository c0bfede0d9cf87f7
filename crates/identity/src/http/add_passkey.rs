//! `POST /me/passkeys`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::passkey::{NewPasskey, PasskeyAdded};
use crate::{Caller, Error, Identity};

/// Keeps a passkey that the caller's browser made, and signs the other devices out. From then on the password alone is not enough.
#[utoipa::path(
    post, path = "/me/passkeys", tag = "identity", request_body = NewPasskey,
    responses((status = CREATED, body = PasskeyAdded), (status = "4XX", body = problem::Body)),
)]
pub async fn add_passkey(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewPasskey>,
) -> Result<(StatusCode, Json<PasskeyAdded>), Error> {
    Ok((StatusCode::CREATED, Json(identity.add_passkey(&caller, &new).await?)))
}
