//! `GET /disputes/{id}`

use axum::extract::State;
use identity::Caller;
use payments::{DisputeId, DisputeView};
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, Orders};

/// A dispute of the caller's stall; of any for whoever runs this installation.
#[utoipa::path(
    get, path = "/disputes/{id}", tag = "disputes", params(("id" = DisputeId, Path)),
    responses((status = OK, body = DisputeView), (status = "4XX", body = problem::Body)),
)]
pub async fn show_dispute(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<DisputeId>,
) -> Result<Json<DisputeView>, Error> {
    orders.dispute(&caller, id).await.map(Json)
}
