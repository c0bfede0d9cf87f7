//! `GET /operator/payouts`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::payout::PayoutQuery;
use crate::{Error, OperatorPayout, Payments};

/// Every vendor's payouts, newest first.
#[utoipa::path(
    get, path = "/operator/payouts", tag = "operator", params(PayoutQuery, PageQuery),
    responses((status = OK, body = Page<OperatorPayout>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_payouts(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<PayoutQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<OperatorPayout>>, Error> {
    payments.payouts(&caller, which.state, page).await.map(Json)
}
