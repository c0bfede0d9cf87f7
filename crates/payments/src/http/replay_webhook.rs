//! `POST /operator/webhooks/{id}/replay`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;
use uuid::Uuid;

use crate::{Error, Payments, WebhookEvent};

/// Has a stored webhook worked on again; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/webhooks/{id}/replay", tag = "operator",
    params(("id" = Uuid, Path, description = "The webhook.")), request_body = OperatorReason,
    responses((status = OK, body = WebhookEvent), (status = "4XX", body = problem::Body)),
)]
pub async fn replay_webhook(
    State(payments): State<Payments>,
    caller: Caller,
    Path(webhook): Path<Uuid>,
    Json(why): Json<OperatorReason>,
) -> Result<Json<WebhookEvent>, Error> {
    payments.replay_webhook(&caller, webhook, &why).await.map(Json)
}
