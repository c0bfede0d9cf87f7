//! `GET /operator/payout-runs`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Error, Payments, PayoutRun};

/// Runs of payouts, newest first.
#[utoipa::path(
    get, path = "/operator/payout-runs", tag = "operator", params(PageQuery),
    responses((status = OK, body = Page<PayoutRun>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_payout_runs(
    State(payments): State<Payments>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<PayoutRun>>, Error> {
    payments.payout_runs(&caller, page).await.map(Json)
}
