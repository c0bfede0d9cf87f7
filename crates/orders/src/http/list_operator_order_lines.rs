//! `GET /operator/orders/{id}/lines`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::view::LineView;
use crate::{Error, Orders};

/// What was sold with a stall's order, and what of it came back: for a refund that names goods.
#[utoipa::path(
    get, path = "/operator/orders/{id}/lines", tag = "operator", params(("id" = OrderId, Path)),
    responses((status = OK, body = Vec<LineView>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_operator_order_lines(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
) -> Result<Json<Vec<LineView>>, Error> {
    orders.lines_for_operator(&caller, id).await.map(Json)
}
