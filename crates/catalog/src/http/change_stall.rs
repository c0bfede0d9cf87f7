//! `PUT /stall`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Catalog, Error, Stall, StallChange};

/// Names the caller's stall.
#[utoipa::path(
    put, path = "/stall", tag = "catalog", request_body = StallChange,
    responses((status = OK, body = Stall), (status = "4XX", body = problem::Body)),
)]
pub async fn change_stall(
    State(catalog): State<Catalog>,
    caller: Caller,
    Json(change): Json<StallChange>,
) -> Result<Json<Stall>, Error> {
    catalog.change_stall(caller.vendor()?, &change).await.map(Json)
}
