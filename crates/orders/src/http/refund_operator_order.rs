//! `POST /operator/orders/{id}/refunds`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::refund::NewRefund;
use crate::{Error, OperatorOrder, Orders};

/// Whoever runs this installation gives money of a stall's paid order back; who and why is kept.
#[utoipa::path(
    post, path = "/operator/orders/{id}/refunds", tag = "operator", params(("id" = OrderId, Path)), request_body = NewRefund,
    responses((status = CREATED, body = OperatorOrder), (status = "4XX", body = problem::Body)),
)]
pub async fn refund_operator_order(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Json(new): Json<NewRefund>,
) -> Result<(StatusCode, Json<OperatorOrder>), Error> {
    let order = orders.refund_for_operator(&caller, id, &new).await?;
    Ok((StatusCode::CREATED, Json(order)))
}
