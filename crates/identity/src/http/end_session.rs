//! `DELETE /me/sessions/{session}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::SessionId;

use crate::{Caller, Error, Identity};

/// Signs one of the caller's devices out.
#[utoipa::path(
    delete, path = "/me/sessions/{session}", tag = "identity", params(("session" = SessionId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn end_session(
    State(identity): State<Identity>,
    caller: Caller,
    Path(session): Path<SessionId>,
) -> Result<StatusCode, Error> {
    identity.end_session(&caller, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
