//! `POST /sessions`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::session::Credentials;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Signs in.
#[utoipa::path(
    post, path = "/sessions", tag = "identity", request_body = Credentials,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn sign_in(
    State(identity): State<Identity>,
    caller: Caller,
    Json(credentials): Json<Credentials>,
) -> Result<(StatusCode, SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.sign_in(&caller, &credentials).await?;
    Ok((StatusCode::CREATED, cookie, Json(person)))
}
