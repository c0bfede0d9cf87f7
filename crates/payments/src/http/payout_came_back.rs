//! `POST /operator/payouts/{id}/returned`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, OperatorPayout, Payments, PayoutId};

/// Takes the word that the bank sent a payout back; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/payouts/{id}/returned", tag = "operator",
    params(("id" = PayoutId, Path, description = "The payout.")), request_body = OperatorReason,
    responses((status = OK, body = OperatorPayout), (status = "4XX", body = problem::Body)),
)]
pub async fn payout_came_back(
    State(payments): State<Payments>,
    caller: Caller,
    Path(payout): Path<PayoutId>,
    Json(why): Json<OperatorReason>,
) -> Result<Json<OperatorPayout>, Error> {
    payments.payout_came_back(&caller, payout, &why).await.map(Json)
}
