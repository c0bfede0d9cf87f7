//! `POST /disputes/{id}/contest`

use axum::extract::State;
use identity::Caller;
use payments::{DisputeId, DisputeView};
use platform::extract::{Json, Path};
use platform::problem;

use crate::dispute::NewContest;
use crate::{Error, Orders};

/// Contests a dispute: the evidence is sent to the buyer's bank.
#[utoipa::path(
    post, path = "/disputes/{id}/contest", tag = "disputes", params(("id" = DisputeId, Path)), request_body = NewContest,
    responses((status = OK, body = DisputeView), (status = "4XX", body = problem::Body)),
)]
pub async fn contest_dispute(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<DisputeId>,
    Json(answer): Json<NewContest>,
) -> Result<Json<DisputeView>, Error> {
    orders.contest(&caller, id, &answer).await?;
    orders.dispute(&caller, id).await.map(Json)
}
