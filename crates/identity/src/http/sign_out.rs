//! `DELETE /sessions/current`

use axum::extract::State;
use axum::http::StatusCode;

use crate::{Caller, Error, Identity, SetCookie};

/// Signs out; whoever is signed out already stays so.
#[utoipa::path(delete, path = "/sessions/current", tag = "identity", responses((status = NO_CONTENT)))]
pub async fn sign_out(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(SetCookie, StatusCode), Error> {
    let cookie = identity.sign_out(&caller).await?;
    Ok((cookie, StatusCode::NO_CONTENT))
}
