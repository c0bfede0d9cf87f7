//! `POST /sessions/openid`

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use platform::extract::Json;
use platform::problem;

use crate::openid::{IssuerChoice, IssuerPage};
use crate::{Caller, Error, Identity, SetCookie};

/// Sends a browser to an issuer of OpenID Connect, which sends it back to `/sessions/openid/return`.
#[utoipa::path(
    post, path = "/sessions/openid", tag = "identity", request_body = IssuerChoice,
    responses((status = CREATED, body = IssuerPage), (status = "4XX", body = problem::Body)),
)]
pub async fn begin_openid(
    State(identity): State<Identity>,
    caller: Caller,
    headers: HeaderMap,
    Json(choice): Json<IssuerChoice>,
) -> Result<(StatusCode, SetCookie, Json<IssuerPage>), Error> {
    let origin = headers.get("origin").and_then(|origin| origin.to_str().ok());
    let (page, cookie) = identity.begin_openid(&caller, &choice, origin).await?;
    Ok((StatusCode::CREATED, cookie, Json(page)))
}
