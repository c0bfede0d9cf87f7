//! `POST /operator/payouts/{id}/paid`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, HandMade, OperatorPayout, Payments, PayoutId};

/// Takes the word that the bank made a payout; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/payouts/{id}/paid", tag = "operator",
    params(("id" = PayoutId, Path, description = "The payout.")), request_body = HandMade,
    responses((status = OK, body = OperatorPayout), (status = "4XX", body = problem::Body)),
)]
pub async fn payout_made(
    State(payments): State<Payments>,
    caller: Caller,
    Path(payout): Path<PayoutId>,
    Json(made): Json<HandMade>,
) -> Result<Json<OperatorPayout>, Error> {
    payments.payout_made(&caller, payout, &made).await.map(Json)
}
