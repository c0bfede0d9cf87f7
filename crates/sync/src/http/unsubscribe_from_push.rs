//! `DELETE /push-subscriptions`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::push::PushEndpoint;
use crate::{Error, Sync};

/// Sends this phone nothing any more; one that was sent nothing stays so.
#[utoipa::path(
    delete, path = "/push-subscriptions", tag = "sync", request_body = PushEndpoint,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn unsubscribe_from_push(
    State(sync): State<Sync>,
    caller: Caller,
    Json(endpoint): Json<PushEndpoint>,
) -> Result<StatusCode, Error> {
    sync.unsubscribe_from_push(&caller, &endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}
