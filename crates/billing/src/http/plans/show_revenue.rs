//! `GET /operator/revenue`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::problem;

use crate::plans::RevenueQuery;
use crate::{Error, Plans, Revenue};

/// What the platform earned lately, from the books, and what plans come to.
#[utoipa::path(
    get, path = "/operator/revenue", tag = "operator", params(RevenueQuery),
    responses((status = OK, body = Revenue), (status = "4XX", body = problem::Body)),
)]
pub async fn show_revenue(
    State(plans): State<Plans>,
    caller: Caller,
    Query(query): Query<RevenueQuery>,
) -> Result<Json<Revenue>, Error> {
    plans.revenue(&caller, query).await.map(Json)
}
