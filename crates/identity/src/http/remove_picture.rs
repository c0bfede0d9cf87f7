//! `DELETE /me/picture`

use axum::extract::State;
use axum::http::StatusCode;
use platform::problem;

use crate::{Caller, Error, Identity};

/// Removes the caller's picture.
#[utoipa::path(
    delete, path = "/me/picture", tag = "identity",
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn remove_picture(State(identity): State<Identity>, caller: Caller) -> Result<StatusCode, Error> {
    identity.remove_picture(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
