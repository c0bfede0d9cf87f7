//! `GET /me/consents`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::consent::Consents;
use crate::{Caller, Error, Identity};

/// How the caller decided about each purpose that something of theirs is used for.
#[utoipa::path(
    get, path = "/me/consents", tag = "privacy",
    responses((status = OK, body = Consents), (status = "4XX", body = problem::Body)),
)]
pub async fn list_my_consents(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<Consents>, Error> {
    identity.my_consents(&caller).await.map(Json)
}
