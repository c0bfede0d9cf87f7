//! `POST /operator/jobs/{id}/revive`

use axum::extract::State;
use axum::http::StatusCode;
use identity::audit::{self, Act, Area, Deed};
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
    let mut transaction = app.db.begin().await?;
    if !app.jobs.revive(&mut transaction, job).await? {
        return Err(Problem::new(NOT_FOUND));
    }
    let act = Act::by(operator, Area::Jobs, Deed::MadeAgain, app.clock.now());
    audit::keep(&mut transaction, act.about(job.uuid()).because(&reason)).await?;
    transaction.commit().await?;
    tracing::info!(%operator, %job, reason, "an operator revived a job");
    Ok(StatusCode::NO_CONTENT)
}
