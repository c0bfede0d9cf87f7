//! `POST /orders/{id}/payment/received`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, MoneyReceived, PaymentView, Payments};

/// Takes the vendor's word that the money came without the gateway.
#[utoipa::path(
    post, path = "/orders/{id}/payment/received", tag = "payments",
    params(("id" = OrderId, Path, description = "The order.")), request_body = MoneyReceived,
    responses((status = OK, body = PaymentView), (status = "4XX", body = problem::Body)),
)]
pub async fn money_received(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order): Path<OrderId>,
    Json(received): Json<MoneyReceived>,
) -> Result<Json<PaymentView>, Error> {
    payments.money_received(&caller, order, received).await.map(Json)
}
