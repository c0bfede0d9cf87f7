//! `GET /products/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::ProductId;

use crate::{Catalog, Error, VendorProduct};

/// One of the caller's products.
#[utoipa::path(
    get, path = "/products/{id}", tag = "catalog", params(("id" = ProductId, Path)),
    responses((status = OK, body = VendorProduct), (status = "4XX", body = problem::Body)),
)]
pub async fn show_product(
    State(catalog): State<Catalog>,
    caller: Caller,
    Path(product): Path<ProductId>,
) -> Result<Json<VendorProduct>, Error> {
    catalog.show_product(caller.vendor()?, product).await.map(Json)
}
