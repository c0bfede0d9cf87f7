//! `POST /credit/top-ups/{id}/payment/checkout`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TopUpId;

use crate::{CheckoutAnswer, Error, PaymentView, Payments};

/// Checks what the gateway's payment sheet told the vendor's browser of a top-up.
#[utoipa::path(
    post, path = "/credit/top-ups/{id}/payment/checkout", tag = "payments",
    params(("id" = TopUpId, Path, description = "The top-up.")), request_body = CheckoutAnswer,
    responses((status = OK, body = PaymentView), (status = "4XX", body = problem::Body)),
)]
pub async fn check_out_top_up(
    State(payments): State<Payments>,
    caller: Caller,
    Path(top_up): Path<TopUpId>,
    Json(answer): Json<CheckoutAnswer>,
) -> Result<Json<PaymentView>, Error> {
    payments.check_out_top_up(&caller, top_up, &answer).await.map(Json)
}
