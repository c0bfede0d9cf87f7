//! `PUT /team/crews/{crew}/members/{person}`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;
use types::{CrewId, PersonId};

use crate::team::Team;
use crate::{Caller, Error, Identity};

/// Puts a member into a team.
#[utoipa::path(
    put, path = "/team/crews/{crew}/members/{person}", tag = "identity",
    params(("crew" = CrewId, Path), ("person" = PersonId, Path)),
    responses((status = OK, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn add_to_crew(
    State(identity): State<Identity>,
    caller: Caller,
    Path((crew, person)): Path<(CrewId, PersonId)>,
) -> Result<Json<Team>, Error> {
    identity.change_crew_member(&caller, crew, person, true).await.map(Json)
}
