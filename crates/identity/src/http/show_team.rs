//! `GET /team`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::team::Team;
use crate::{Caller, Error, Identity};

/// Who belongs to the caller's business.
#[utoipa::path(
    get, path = "/team", tag = "identity",
    responses((status = OK, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn show_team(State(identity): State<Identity>, caller: Caller) -> Result<Json<Team>, Error> {
    identity.team(&caller).await.map(Json)
}
