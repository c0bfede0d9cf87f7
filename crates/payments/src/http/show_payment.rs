//! `GET /orders/{id}/payment`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, PaymentView, Payments};

/// What an order's money stands at, and the ways to pay it.
#[utoipa::path(
    get, path = "/orders/{id}/payment", tag = "payments", params(("id" = OrderId, Path, description = "The order.")),
    responses((status = OK, body = PaymentView), (status = "4XX", body = problem::Body)),
)]
pub async fn show_payment(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order): Path<OrderId>,
) -> Result<Json<PaymentView>, Error> {
    payments.payment_for(&caller, order).await.map(Json)
}
