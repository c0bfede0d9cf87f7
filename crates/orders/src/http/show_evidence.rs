//! `GET /disputes/{id}/evidence`

use axum::extract::State;
use identity::Caller;
use payments::DisputeId;
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, EvidencePack, Orders};

/// What would be sent as evidence, part by part, each with its hash.
#[utoipa::path(
    get, path = "/disputes/{id}/evidence", tag = "disputes", params(("id" = DisputeId, Path)),
    responses((status = OK, body = EvidencePack), (status = "4XX", body = problem::Body)),
)]
pub async fn show_evidence(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<DisputeId>,
) -> Result<Json<EvidencePack>, Error> {
    orders.evidence(&caller, id).await.map(Json)
}
