//! `POST /invitations/look`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::invitation::{InvitationToken, Invited};
use crate::{Error, Identity};

/// What an invitation says. Its secret is in the body: addresses end up in logs.
#[utoipa::path(
    post, path = "/invitations/look", tag = "identity", request_body = InvitationToken,
    responses((status = OK, body = Invited), (status = "4XX", body = problem::Body)),
)]
pub async fn look_at_invitation(
    State(identity): State<Identity>,
    Json(token): Json<InvitationToken>,
) -> Result<Json<Invited>, Error> {
    identity.look_at_invitation(&token).await.map(Json)
}
