//! `PUT /me/password`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::devices::PasswordChange;
use crate::{Caller, Error, Identity};

/// Changes the caller's password and signs the other devices out.
#[utoipa::path(
    put, path = "/me/password", tag = "identity", request_body = PasswordChange,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn change_password(
    State(identity): State<Identity>,
    caller: Caller,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Error> {
    identity.change_password(&caller, change).await?;
    Ok(StatusCode::NO_CONTENT)
}
