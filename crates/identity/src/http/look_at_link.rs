//! `POST /links/look`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::{Link, LinkToken};
use crate::{Caller, Error, Identity};

/// What a link that came by e-mail is for. Looking does not use it up.
#[utoipa::path(
    post, path = "/links/look", tag = "identity", request_body = LinkToken,
    responses((status = OK, body = Link), (status = "4XX", body = problem::Body)),
)]
pub async fn look_at_link(
    State(identity): State<Identity>,
    caller: Caller,
    Json(link): Json<LinkToken>,
) -> Result<Json<Link>, Error> {
    Ok(Json(identity.look_at_link(&caller, &link).await?))
}
