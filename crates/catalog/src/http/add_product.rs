//! `POST /products`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Catalog, Error, NewProduct, VendorProduct};

/// Puts a product on the caller's shelf.
#[utoipa::path(
    post, path = "/products", tag = "catalog", request_body = NewProduct,
    responses((status = CREATED, body = VendorProduct), (status = "4XX", body = problem::Body)),
)]
pub async fn add_product(
    State(catalog): State<Catalog>,
    caller: Caller,
    Json(new): Json<NewProduct>,
) -> Result<(StatusCode, Json<VendorProduct>), Error> {
    let product = catalog.add_product(caller.vendor()?, &new).await?;
    Ok((StatusCode::CREATED, Json(product)))
}
