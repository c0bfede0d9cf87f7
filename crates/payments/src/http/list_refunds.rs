//! `GET /operator/refunds`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::oversight::RefundQuery;
use crate::{Error, OperatorRefund, Payments};

/// Money on its way back, newest first.
#[utoipa::path(
    get, path = "/operator/refunds", tag = "operator", params(RefundQuery, PageQuery),
    responses((status = OK, body = Page<OperatorRefund>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_refunds(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<RefundQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<OperatorRefund>>, Error> {
    payments.refunds(&caller, which.state, page).await.map(Json)
}
