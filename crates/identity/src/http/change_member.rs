//! `PUT /team/members/{person}/role`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::team::{RoleChange, Team};
use crate::{Caller, Error, Identity};

/// Makes something else of a member.
#[utoipa::path(
    put, path = "/team/members/{person}/role", tag = "identity", request_body = RoleChange,
    params(("person" = PersonId, Path)),
    responses((status = OK, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn change_member(
    State(identity): State<Identity>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(change): Json<RoleChange>,
) -> Result<Json<Team>, Error> {
    identity.change_member(&caller, person, change).await.map(Json)
}
