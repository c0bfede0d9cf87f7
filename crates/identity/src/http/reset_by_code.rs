//! `PUT /password-resets/codes`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_code::NewPasswordByCode;
use crate::{Caller, Error, Identity};

/// Replaces a forgotten password by a code and signs every device out. Signing in asks for the second factor as before.
#[utoipa::path(
    put, path = "/password-resets/codes", tag = "identity", request_body = NewPasswordByCode,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn reset_by_code(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewPasswordByCode>,
) -> Result<StatusCode, Error> {
    identity.reset_by_code(&caller, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
