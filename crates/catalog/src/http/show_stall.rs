//! `GET /stall`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Catalog, Error, Stall};

/// The caller's own stall; `no-stall` until it has a name.
#[utoipa::path(
    get, path = "/stall", tag = "catalog",
    responses((status = OK, body = Stall), (status = "4XX", body = problem::Body)),
)]
pub async fn show_stall(State(catalog): State<Catalog>, caller: Caller) -> Result<Json<Stall>, Error> {
    catalog.own_stall(caller.vendor()?).await.map(Json)
}
