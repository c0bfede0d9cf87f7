//! `POST /operator/payouts/{id}/cancel`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, OperatorPayout, Payments, PayoutId};

/// Calls off a payout that was not made; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/payouts/{id}/cancel", tag = "operator",
    params(("id" = PayoutId, Path, description = "The payout.")), request_body = OperatorReason,
    responses((status = OK, body = OperatorPayout), (status = "4XX", body = problem::Body)),
)]
pub async fn cancel_payout(
    State(payments): State<Payments>,
    caller: Caller,
    Path(payout): Path<PayoutId>,
    Json(why): Json<OperatorReason>,
) -> Result<Json<OperatorPayout>, Error> {
    payments.cancel_payout(&caller, payout, &why).await.map(Json)
}
