//! `POST /orders/{id}/payment/returned`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::OrderId;

use crate::{Error, PaymentView, Payments};

/// The buyer is back from the gateway's page: what came of it is asked soon.
#[utoipa::path(
    post, path = "/orders/{id}/payment/returned", tag = "payments",
    params(("id" = OrderId, Path, description = "The order.")),
    responses((status = OK, body = PaymentView), (status = "4XX", body = problem::Body)),
)]
pub async fn return_from_page(
    State(payments): State<Payments>,
    caller: Caller,
    Path(order): Path<OrderId>,
) -> Result<Json<PaymentView>, Error> {
    payments.returned(&caller, order).await.map(Json)
}
