//! `POST /orders/{id}/refunds`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::refund::NewRefund;
use crate::{Error, OrderView, Orders};

/// The vendor gives money of a paid order back: for goods, a part of the price, or all that is left.
#[utoipa::path(
    post, path = "/orders/{id}/refunds", tag = "orders", params(("id" = OrderId, Path)), request_body = NewRefund,
    responses((status = CREATED, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn refund_order(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Json(new): Json<NewRefund>,
) -> Result<(StatusCode, Json<OrderView>), Error> {
    let order = orders.refund_for_vendor(&caller, id, &new).await?;
    Ok((StatusCode::CREATED, Json(order)))
}
