//! `GET /operator/jobs`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use identity::Caller;
use platform::extract::Query;
use platform::page::Page;
use platform::{Problem, problem};
use serde::{Deserialize, Serialize};
use types::JobId;
use utoipa::ToSchema;

use crate::wiring::App;

/// So many at most: what rests is what somebody should look at, not an archive.
const LISTED_MAX: i64 = 100;

/// A job that will not run by itself any more.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorJob {
    /// The job.
    pub id: JobId,
    /// What it does.
    pub kind: String,
    /// Why it rests.
    pub state: Rest,
    /// How often it was tried.
    pub attempts: i16,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Why a job rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = JobRest)]
pub enum Rest {
    /// It failed too often.
    Dead,
    /// It waits for something that is not there.
    Paused,
}

/// Which jobs.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobFilter {
    /// All where absent.
    pub state: Option<Rest>,
}

/// The jobs that need somebody, newest first.
#[utoipa::path(
    get, path = "/operator/jobs", tag = "operator", params(JobFilter),
    responses((status = OK, body = Page<OperatorJob>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_jobs(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<JobFilter>,
) -> Result<Json<Page<OperatorJob>>, Problem> {
    caller.operator()?;
    let mut connection = app.db.acquire().await?;
    let resting = app.jobs.resting(&mut connection, LISTED_MAX).await?;
    let wanted = |job: &OperatorJob| filter.state.is_none_or(|state| state == job.state);
    let items = resting.into_iter().map(OperatorJob::from).filter(wanted).collect();
    Ok(Json(Page { items, next: None }))
}

impl From<platform::jobs::Listed> for OperatorJob {
    fn from(job: platform::jobs::Listed) -> Self {
        let state = if job.state == "dead" { Rest::Dead } else { Rest::Paused };
        Self {
            id: job.id,
            kind: job.kind,
            state,
            attempts: job.attempts,
            created_at: job.created_at,
            error: job.last_error,
        }
    }
}
