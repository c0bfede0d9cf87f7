//! `POST /operator/payout-runs`

use axum::extract::State;
use axum::http::StatusCode;
use identity::{Caller, OperatorReason};
use platform::extract::Json;
use platform::problem;

use crate::{Error, Payments, PayoutRun};

/// Has every vendor paid who has money to come; who and why is kept with the run.
#[utoipa::path(
    post, path = "/operator/payout-runs", tag = "operator", request_body = OperatorReason,
    responses((status = ACCEPTED, body = PayoutRun), (status = "4XX", body = problem::Body)),
)]
pub async fn start_payout_run(
    State(payments): State<Payments>,
    caller: Caller,
    Json(why): Json<OperatorReason>,
) -> Result<(StatusCode, Json<PayoutRun>), Error> {
    let run = payments.start_payout_run(&caller, &why).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}
