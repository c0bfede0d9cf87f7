//! `GET /team/acts`

use axum::extract::State;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::team::TeamAct;
use crate::{Caller, Error, Identity};

/// What was done about the members of the caller's business, newest first.
#[utoipa::path(
    get, path = "/team/acts", tag = "identity", params(PageQuery),
    responses((status = OK, body = Page<TeamAct>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_team_acts(
    State(identity): State<Identity>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TeamAct>>, Error> {
    identity.team_acts(&caller, query).await.map(Json)
}
