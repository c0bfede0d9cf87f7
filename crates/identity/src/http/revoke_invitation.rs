//! `DELETE /team/invitations/{id}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::InvitationId;

use crate::{Caller, Error, Identity};

/// Takes an invitation back: its link opens nothing any more.
#[utoipa::path(
    delete, path = "/team/invitations/{id}", tag = "identity", params(("id" = InvitationId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn revoke_invitation(
    State(identity): State<Identity>,
    caller: Caller,
    Path(invitation): Path<InvitationId>,
) -> Result<StatusCode, Error> {
    identity.revoke_invitation(&caller, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}
