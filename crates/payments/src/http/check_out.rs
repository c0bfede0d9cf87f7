//! `POST /orders/{id}/payment/checkout`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{CheckoutAnswer, Error, PaymentView, Payments};

/// Checks what the gateway's payment sheet told the browser.
#[utoipa::path(
    post, path = "/orders/{id}/payment/checkout", tag = "payments",
    params(("id" = OrderId, Path, description = "The order.")), request_body = CheckoutAnswer,
    responses((status = OK, body = PaymentView), (status = "4XX", body = problem::Body)),
)]
pub async fn check_out(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order): Path<OrderId>,
    Json(answer): Json<CheckoutAnswer>,
) -> Result<Json<PaymentView>, Error> {
    payments.check_out(&caller, order, &answer).await.map(Json)
}
