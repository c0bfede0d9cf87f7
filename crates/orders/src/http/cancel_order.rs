//! `POST /orders/{id}/cancel`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, OrderView, Orders};

/// Either side calls an unpaid order off.
#[utoipa::path(
    post, path = "/orders/{id}/cancel", tag = "orders", params(("id" = OrderId, Path)),
    responses((status = OK, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn cancel_order(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Error> {
    orders.cancel(&caller, id).await.map(Json)
}
