//! `POST /operator/jobs/{id}/revive`

use axum::extract::State;
use axum::http::StatusCode;
use identity::{Caller, OperatorReason};
use platform::Problem;
use platform::extract::{Json, Path};
use platform::problem::{self, NOT_FOUND};
use types::JobId;

use crate::wiring::App;

/// Gives a dead job another life.
#[utoipa::path(
    post, path = "/operator/jobs/{id}/revive", tag = "operator", params(("id" = JobId, Path, description = "The job.")), request_body = OperatorReason,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn revive_job(
    State(app): State<App>,
    caller: Caller,
    Path(job): Path<JobId>,
    Json(asked): Json<OperatorReason>,
) -> Result<StatusCode, Problem> {
    let operator = caller.operator()?;
    let reason = asked.line().map_err(|error| {
        Problem::new(problem::INVALID_FIELD).detail(error.to_string()).with("field", "reason")
    })?;
    let mut connection = app.db.acquire().await?;
    if !app.jobs.revive(&mut connection, job).await? {
        return Err(Problem::new(NOT_FOUND));
    }
    tracing::info!(%operator, %job, reason, "an operator revived a job");
    Ok(StatusCode::NO_CONTENT)
}
