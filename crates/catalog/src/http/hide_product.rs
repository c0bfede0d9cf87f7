//! `DELETE /products/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Path;
use platform::problem;
use types::ProductId;

use crate::{Catalog, Error, ProductChange};

/// Takes one of the caller's products off the shelf; what was agreed of it stays agreed.
#[utoipa::path(
    delete, path = "/products/{id}", tag = "catalog", params(("id" = ProductId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn hide_product(
    State(catalog): State<Catalog>,
    caller: Caller,
    Path(product): Path<ProductId>,
) -> Result<StatusCode, Error> {
    let hide = ProductChange { hidden: Some(true), ..ProductChange::default() };
    catalog.change_product(&caller, product, &hide).await?;
    Ok(StatusCode::NO_CONTENT)
}
