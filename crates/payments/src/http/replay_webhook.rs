//! `POST /operator/webhooks/{id}/replay`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use uuid::Uuid;

use crate::{Error, Payments, Replay, WebhookEvent};

/// Has a stored webhook worked on again; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/webhooks/{id}/replay", tag = "operator",
    params(("id" = Uuid, Path, description = "The webhook.")), request_body = Replay,
    responses((status = OK, body = WebhookEvent), (status = "4XX", body = problem::Body)),
)]
pub async fn replay_webhook(
    State(payments): State<Payments>,
    caller: Caller,
    Path(webhook): Path<Uuid>,
    Json(replay): Json<Replay>,
) -> Result<Json<WebhookEvent>, Error> {
    payments.replay_webhook(&caller, webhook, &replay).await.map(Json)
}
