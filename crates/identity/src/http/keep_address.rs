//! `PUT /me/email`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::LinkToken;
use crate::{Caller, Error, Identity, Person};

/// Keeps the address that a link shows to be the caller's. The address before is told.
#[utoipa::path(
    put, path = "/me/email", tag = "identity", request_body = LinkToken,
    responses((status = OK, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn keep_address(
    State(identity): State<Identity>,
    caller: Caller,
    Json(link): Json<LinkToken>,
) -> Result<Json<Person>, Error> {
    Ok(Json(identity.keep_address(&caller, &link).await?))
}
