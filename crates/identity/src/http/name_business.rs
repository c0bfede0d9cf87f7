//! `PUT /team/name`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::business::BusinessName;
use crate::team::Team;
use crate::{Caller, Error, Identity};

/// Gives the caller's business another name, for its members.
#[utoipa::path(
    put, path = "/team/name", tag = "identity", request_body = BusinessName,
    responses((status = OK, body = Team), (status = "4XX", body = problem::Body)),
)]
pub async fn name_business(
    State(identity): State<Identity>,
    caller: Caller,
    Json(named): Json<BusinessName>,
) -> Result<Json<Team>, Error> {
    identity.name_business(&caller, &named).await.map(Json)
}
