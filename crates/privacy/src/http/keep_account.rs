//! `DELETE /me/erasure`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::problem;

use crate::{Error, Privacy};

/// Keeps one's account after all.
#[utoipa::path(
    delete, path = "/me/erasure", tag = "privacy",
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn keep_account(State(privacy): State<Privacy>, caller: Caller) -> Result<StatusCode, Error> {
    privacy.keep_account(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
