//! `DELETE /orders/{id}/recipient`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, OrderView, Orders};

/// The document of an unpaid order is to name nobody as the buyer.
#[utoipa::path(
    delete, path = "/orders/{id}/recipient", tag = "orders", params(("id" = OrderId, Path)),
    responses((status = OK, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn remove_recipient(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Error> {
    orders.name_recipient(&caller, id, None).await.map(Json)
}
