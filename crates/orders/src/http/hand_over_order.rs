//! `POST /orders/{id}/hand-over`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, OrderView, Orders};

/// The vendor gave the buyer the goods of a paid order.
#[utoipa::path(
    post, path = "/orders/{id}/hand-over", tag = "orders", params(("id" = OrderId, Path)),
    responses((status = OK, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn hand_over_order(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<OrderView>, Error> {
    orders.hand_over(&caller, id).await.map(Json)
}
