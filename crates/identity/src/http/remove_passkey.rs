//! `DELETE /me/passkeys/{passkey}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::PasskeyId;

use crate::{Caller, Error, Identity};

/// Removes one of the caller's passkeys, and signs the other devices out.
#[utoipa::path(
    delete, path = "/me/passkeys/{passkey}", tag = "identity", params(("passkey" = PasskeyId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn remove_passkey(
    State(identity): State<Identity>,
    caller: Caller,
    Path(passkey): Path<PasskeyId>,
) -> Result<StatusCode, Error> {
    identity.remove_passkey(&caller, passkey).await?;
    Ok(StatusCode::NO_CONTENT)
}
