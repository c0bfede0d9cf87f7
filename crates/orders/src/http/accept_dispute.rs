//! `POST /disputes/{id}/accept`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use payments::{DisputeId, DisputeView};
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, Orders};

/// Gives in to a dispute: the buyer keeps the money. Why is kept.
#[utoipa::path(
    post, path = "/disputes/{id}/accept", tag = "disputes", params(("id" = DisputeId, Path)), request_body = OperatorReason,
    responses((status = OK, body = DisputeView), (status = "4XX", body = problem::Body)),
)]
pub async fn accept_dispute(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<DisputeId>,
    Json(answer): Json<OperatorReason>,
) -> Result<Json<DisputeView>, Error> {
    orders.accept_dispute(&caller, id, &answer).await?;
    orders.dispute(&caller, id).await.map(Json)
}
