//! `POST /credit/top-ups/{id}/payment/returned`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TopUpId;

use crate::{Error, PaymentView, Payments};

/// The vendor is back from the gateway's page: what came of the top-up is asked soon.
#[utoipa::path(
    post, path = "/credit/top-ups/{id}/payment/returned", tag = "payments",
    params(("id" = TopUpId, Path, description = "The top-up.")),
    responses((status = OK, body = PaymentView), (status = "4XX", body = problem::Body)),
)]
pub async fn return_with_top_up(
    State(payments): State<Payments>,
    caller: Caller,
    Path(top_up): Path<TopUpId>,
) -> Result<Json<PaymentView>, Error> {
    payments.returned_with_top_up(&caller, top_up).await.map(Json)
}
