//! `GET /orders/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, OrderView, Orders};

/// An order with its lines, timeline, payment and document.
#[utoipa::path(
    get, path = "/orders/{id}", tag = "orders", params(("id" = OrderId, Path)),
    responses((status = OK, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn show_order(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Error> {
    orders.show(&caller, id).await.map(Json)
}
