//! `GET /products/{id}/stock-movements`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path, Query};
use platform::page::{Page, PageQuery};
use platform::problem;
use types::ProductId;

use crate::{Catalog, Error, StockMovement};

/// What changed the stock of one of the caller's products, newest first.
#[utoipa::path(
    get, path = "/products/{id}/stock-movements", tag = "catalog", params(("id" = ProductId, Path), PageQuery),
    responses((status = OK, body = Page<StockMovement>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_stock_movements(
    State(catalog): State<Catalog>,
    caller: Caller,
    Path(product): Path<ProductId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<StockMovement>>, Error> {
    catalog.stock_movements(caller.vendor()?, product, query).await.map(Json)
}
