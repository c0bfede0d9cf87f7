//! `GET /orders/{id}/document`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Billing, Document, Error};

/// The document of an order's sale.
#[utoipa::path(
    get, path = "/orders/{id}/document", tag = "billing", params(("id" = OrderId, Path, description = "The order")),
    responses((status = OK, body = Document), (status = "4XX", body = problem::Body)),
)]
pub async fn show_document(
    State(billing): State<Billing>,
    caller: Caller,
    Path(order): Path<OrderId>,
) -> Result<Json<Document>, Error> {
    billing.document(&caller, order).await.map(Json)
}
