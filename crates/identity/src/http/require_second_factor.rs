//! `PUT /team/second-factor`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::second_factor::FactorRule;
use crate::team::Team;
use crate::{Caller, Error, Identity};

/// Has the business let in only those who have a second factor, or everybody again.
#[utoipa::path(
    put, path = "/team/second-factor", tag = "identity", request_body = FactorRule,
    responses((status = OK, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn require_second_factor(
    State(identity): State<Identity>,
    caller: Caller,
    Json(rule): Json<FactorRule>,
) -> Result<Json<Team>, Error> {
    identity.require_factor(&caller, rule).await.map(Json)
}
