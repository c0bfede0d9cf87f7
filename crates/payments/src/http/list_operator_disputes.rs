//! `GET /operator/disputes`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::dispute::DisputeQuery;
use crate::{Error, OperatorDispute, Payments};

/// All disputes, newest first.
#[utoipa::path(
    get, path = "/operator/disputes", tag = "operator", params(DisputeQuery, PageQuery),
    responses((status = OK, body = Page<OperatorDispute>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_operator_disputes(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<DisputeQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<OperatorDispute>>, Error> {
    payments.all_disputes(&caller, which.state, page).await.map(Json)
}
