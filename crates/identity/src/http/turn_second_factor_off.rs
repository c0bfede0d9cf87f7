//! `DELETE /me/second-factor`

use axum::extract::State;
use axum::http::StatusCode;
use platform::problem;

use crate::{Caller, Error, Identity};

/// Turns the second factor off, and signs the other devices out.
#[utoipa::path(
    delete, path = "/me/second-factor", tag = "identity",
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn turn_second_factor_off(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<StatusCode, Error> {
    identity.turn_factor_off(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
