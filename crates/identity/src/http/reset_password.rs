//! `PUT /password-resets`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::NewPassword;
use crate::{Caller, Error, Identity};

/// Replaces a forgotten password by a link and signs every device out. Signing in asks for the second factor as before.
#[utoipa::path(
    put, path = "/password-resets", tag = "identity", request_body = NewPassword,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn reset_password(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewPassword>,
) -> Result<StatusCode, Error> {
    identity.reset_password(&caller, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
