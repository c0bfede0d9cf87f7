//! `PUT /orders/{id}/recipient`

use axum::extract::State;
use billing::Recipient;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, OrderView, Orders};

/// Either side says whom the document of an unpaid order names as the buyer: with a GSTIN it becomes an invoice to a business.
#[utoipa::path(
    put, path = "/orders/{id}/recipient", tag = "orders", params(("id" = OrderId, Path)), request_body = Recipient,
    responses((status = OK, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn name_recipient(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Json(recipient): Json<Recipient>,
) -> Result<Json<OrderView>, Error> {
    let recipient = recipient.check()?;
    orders.name_recipient(&caller, id, Some(recipient)).await.map(Json)
}
