//! `DELETE /api-keys/{key}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::ApiKeyId;

use crate::{Caller, Error, Identity};

/// Ends a key of the caller's business at once.
#[utoipa::path(
    delete, path = "/api-keys/{key}", tag = "identity", params(("key" = ApiKeyId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn end_api_key(
    State(identity): State<Identity>,
    caller: Caller,
    Path(key): Path<ApiKeyId>,
) -> Result<StatusCode, Error> {
    identity.end_api_key(&caller, key).await?;
    Ok(StatusCode::NO_CONTENT)
}
