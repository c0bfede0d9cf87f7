//! `POST /team/crews`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::crew::NewCrew;
use crate::team::Team;
use crate::{Caller, Error, Identity};

/// Forms a team inside the caller's business.
#[utoipa::path(
    post, path = "/team/crews", tag = "identity", request_body = NewCrew,
    responses((status = CREATED, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn form_crew(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewCrew>,
) -> Result<(StatusCode, Json<Team>), Error> {
    Ok((StatusCode::CREATED, Json(identity.form_crew(&caller, &new).await?)))
}
