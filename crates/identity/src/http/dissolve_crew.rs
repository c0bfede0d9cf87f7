//! `DELETE /team/crews/{crew}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::CrewId;

use crate::{Caller, Error, Identity};

/// Dissolves a team. What it was given is everybody's again.
#[utoipa::path(
    delete, path = "/team/crews/{crew}", tag = "identity", params(("crew" = CrewId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn dissolve_crew(
    State(identity): State<Identity>,
    caller: Caller,
    Path(crew): Path<CrewId>,
) -> Result<StatusCode, Error> {
    identity.dissolve_crew(&caller, crew).await?;
    Ok(StatusCode::NO_CONTENT)
}
