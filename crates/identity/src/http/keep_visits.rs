//! `POST /me/visits`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::kept_visits::KeptVisits;
use crate::{Caller, Error, Identity};

/// Keeps the visits of this phone in the caller's account, those that nobody keeps yet.
#[utoipa::path(
    post, path = "/me/visits", tag = "identity",
    responses((status = OK, body = KeptVisits), (status = "4XX", body = problem::Body)),
)]
pub async fn keep_visits(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<KeptVisits>, Error> {
    Ok(Json(identity.keep_visits(&caller).await?))
}
