//! `GET /me/passkeys`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::passkey::Passkeys;
use crate::{Caller, Error, Identity};

/// The caller's passkeys, the newest first.
#[utoipa::path(
    get, path = "/me/passkeys", tag = "identity",
    responses((status = OK, body = Passkeys), (status = "4XX", body = problem::Body)),
)]
pub async fn list_passkeys(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<Passkeys>, Error> {
    identity.passkeys(&caller).await.map(Json)
}
