//! `POST /orders/{id}/refunds/preview`

use axum::extract::State;
use identity::Caller;
use payments::RefundPreview;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::refund::RefundQuestion;
use crate::{Error, Orders};

/// What a refund would come to, to be read back before it binds. Nothing changes.
#[utoipa::path(
    post, path = "/orders/{id}/refunds/preview", tag = "orders", params(("id" = OrderId, Path)),
    request_body = RefundQuestion,
    responses((status = OK, body = RefundPreview), (status = "4XX", body = problem::Body)),
)]
pub async fn preview_refund(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Json(question): Json<RefundQuestion>,
) -> Result<Json<RefundPreview>, Error> {
    orders.preview_for_vendor(&caller, id, &question.what).await.map(Json)
}
