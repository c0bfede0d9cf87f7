//! `GET /passes/consents`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::consent::Consents;
use crate::{Caller, Error, Identity};

/// How this phone decided about each purpose that something of its visits is used for.
#[utoipa::path(
    get, path = "/passes/consents", tag = "privacy",
    responses((status = OK, body = Consents), (status = "4XX", body = problem::Body)),
)]
pub async fn list_phone_consents(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<Consents>, Error> {
    identity.phone_consents(&caller).await.map(Json)
}
