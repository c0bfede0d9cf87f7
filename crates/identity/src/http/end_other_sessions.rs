//! `DELETE /me/sessions`

use axum::extract::State;
use axum::http::StatusCode;
use platform::problem;

use crate::{Caller, Error, Identity};

/// Signs all of the caller's other devices out.
#[utoipa::path(
    delete, path = "/me/sessions", tag = "identity",
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn end_other_sessions(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<StatusCode, Error> {
    identity.end_other_sessions(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
