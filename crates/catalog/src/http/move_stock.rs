//! `POST /products/{id}/stock-movements`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::ProductId;

use crate::{Catalog, Error, StockChange, VendorProduct};

/// Says that the stock was counted, or that some was bought or spoilt.
#[utoipa::path(
    post, path = "/products/{id}/stock-movements", tag = "catalog", params(("id" = ProductId, Path)),
    request_body = StockChange,
    responses((status = OK, body = VendorProduct), (status = "4XX", body = problem::Body)),
)]
pub async fn move_stock(
    State(catalog): State<Catalog>,
    caller: Caller,
    Path(product): Path<ProductId>,
    Json(change): Json<StockChange>,
) -> Result<Json<VendorProduct>, Error> {
    catalog.move_stock(caller.vendor()?, product, &change).await.map(Json)
}
