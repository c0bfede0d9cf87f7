//! `PATCH /team/crews/{crew}`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;
use types::CrewId;

use crate::crew::CrewChange;
use crate::team::Team;
use crate::{Caller, Error, Identity};

/// Gives a team another name, or has it greet whoever arrives.
#[utoipa::path(
    patch, path = "/team/crews/{crew}", tag = "identity", request_body = CrewChange, params(("crew" = CrewId, Path)),
    responses((status = OK, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn change_crew(
    State(identity): State<Identity>,
    caller: Caller,
    Path(crew): Path<CrewId>,
    Json(change): Json<CrewChange>,
) -> Result<Json<Team>, Error> {
    identity.change_crew(&caller, crew, &change).await.map(Json)
}
