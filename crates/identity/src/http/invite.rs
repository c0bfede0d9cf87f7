//! `POST /team/invitations`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::invitation::{InvitationLink, NewInvitation};
use crate::{Caller, Error, Identity};

/// Invites somebody into the caller's business, by a link that works once.
#[utoipa::path(
    post, path = "/team/invitations", tag = "identity", request_body = NewInvitation,
    responses((status = CREATED, body = InvitationLink), (status = "4XX", body = problem::Body)),
)]
pub async fn invite(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewInvitation>,
) -> Result<(StatusCode, Json<InvitationLink>), Error> {
    Ok((StatusCode::CREATED, Json(identity.invite(&caller, &new).await?)))
}
