//! `GET /operator/payouts/due`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::problem;

use crate::payout::DueQuery;
use crate::{Error, Payments, PayoutsDue};

/// What a run would pay now: up to 100 vendors, by their ids.
#[utoipa::path(
    get, path = "/operator/payouts/due", tag = "operator", params(DueQuery),
    responses((status = OK, body = PayoutsDue), (status = "4XX", body = problem::Body)),
)]
pub async fn list_payouts_due(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<DueQuery>,
) -> Result<Json<PayoutsDue>, Error> {
    payments.payouts_due(&caller, which.after).await.map(Json)
}
