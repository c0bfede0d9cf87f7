//! `POST /invitations/accept`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::invitation::InvitationToken;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Accepts an invitation, and goes over to the business.
#[utoipa::path(
    post, path = "/invitations/accept", tag = "identity", request_body = InvitationToken,
    responses((status = OK, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn accept_invitation(
    State(identity): State<Identity>,
    caller: Caller,
    Json(token): Json<InvitationToken>,
) -> Result<(SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.accept_invitation(&caller, &token).await?;
    Ok((cookie, Json(person)))
}
