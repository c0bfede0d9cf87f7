//! `GET /me/visits`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::kept_visits::KeptVisits;
use crate::{Caller, Error, Identity};

/// The visits that the caller keeps, and how many of this phone's could be kept.
#[utoipa::path(
    get, path = "/me/visits", tag = "identity",
    responses((status = OK, body = KeptVisits), (status = "4XX", body = problem::Body)),
)]
pub async fn list_kept_visits(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<KeptVisits>, Error> {
    Ok(Json(identity.kept_visits(&caller).await?))
}
