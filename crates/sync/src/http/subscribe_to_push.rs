//! `POST /push-subscriptions`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, PushSubscription, Sync};

/// Sends a vendor's news to this phone while the app is closed.
#[utoipa::path(
    post, path = "/push-subscriptions", tag = "sync", request_body = PushSubscription,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn subscribe_to_push(
    State(sync): State<Sync>,
    caller: Caller,
    Json(subscription): Json<PushSubscription>,
) -> Result<StatusCode, Error> {
    sync.subscribe_to_push(&caller, &subscription).await?;
    Ok(StatusCode::NO_CONTENT)
}
