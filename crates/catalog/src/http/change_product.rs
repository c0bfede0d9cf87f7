//! `PATCH /products/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::ProductId;

use crate::{Catalog, Error, ProductChange, VendorProduct};

/// Changes one of the caller's products; its stock has movements instead. Another floor than the one that stands asks for a caller who
/// showed lately who they are (`confirm-again`), or for a signed call (`sign-request`).
#[utoipa::path(
    patch, path = "/products/{id}", tag = "catalog", params(("id" = ProductId, Path)), request_body = ProductChange,
    responses((status = OK, body = VendorProduct), (status = "4XX", body = problem::Body)),
)]
pub async fn change_product(
    State(catalog): State<Catalog>,
    caller: Caller,
    Path(product): Path<ProductId>,
    Json(change): Json<ProductChange>,
) -> Result<Json<VendorProduct>, Error> {
    catalog.change_product(&caller, product, &change).await.map(Json)
}
