//! `GET /operator/grievances`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::{Error, GrievanceQuery, OperatorGrievance, Privacy};

/// A page of the complaints about what is done with people's data, newest first.
#[utoipa::path(
    get, path = "/operator/grievances", tag = "operator", params(GrievanceQuery),
    responses((status = OK, body = Page<OperatorGrievance>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_operator_grievances(
    State(privacy): State<Privacy>,
    caller: Caller,
    Query(query): Query<GrievanceQuery>,
) -> Result<Json<Page<OperatorGrievance>>, Error> {
    privacy.all_grievances(&caller, query).await.map(Json)
}
