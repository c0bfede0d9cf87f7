//! `GET /products/room`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Catalog, Error, ShelfRoom};

/// How many products the caller has, and may have.
#[utoipa::path(
    get, path = "/products/room", tag = "catalog",
    responses((status = OK, body = ShelfRoom), (status = "4XX", body = problem::Body)),
)]
pub async fn show_shelf_room(
    State(catalog): State<Catalog>,
    caller: Caller,
) -> Result<Json<ShelfRoom>, Error> {
    catalog.shelf_room(caller.vendor()?).await.map(Json)
}
