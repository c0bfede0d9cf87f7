//! `POST /operator/plans`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, NewPlan, Plan, Plans};

/// Writes a new version of a plan. Who has an older one keeps it.
#[utoipa::path(
    post, path = "/operator/plans", tag = "operator", request_body = NewPlan,
    responses((status = CREATED, body = Plan), (status = "4XX", body = problem::Body)),
)]
pub async fn add_plan(
    State(plans): State<Plans>,
    caller: Caller,
    Json(new): Json<NewPlan>,
) -> Result<(StatusCode, Json<Plan>), Error> {
    let plan = plans.add_plan(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(plan)))
}
