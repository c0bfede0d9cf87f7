//! `GET /me/sessions`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::devices::DeviceSessions;
use crate::{Caller, Error, Identity};

/// Where the caller is signed in.
#[utoipa::path(
    get, path = "/me/sessions", tag = "identity",
    responses((status = OK, body = DeviceSessions), (status = "4XX", body = problem::Body)),
)]
pub async fn list_sessions(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<DeviceSessions>, Error> {
    identity.device_sessions(&caller).await.map(Json)
}
