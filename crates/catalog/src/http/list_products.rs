//! `GET /products`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Catalog, Error, VendorProduct};

/// The caller's products, hidden ones too, newest first.
#[utoipa::path(
    get, path = "/products", tag = "catalog", params(PageQuery),
    responses((status = OK, body = Page<VendorProduct>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_products(
    State(catalog): State<Catalog>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<VendorProduct>>, Error> {
    catalog.list_products(caller.vendor()?, query).await.map(Json)
}
