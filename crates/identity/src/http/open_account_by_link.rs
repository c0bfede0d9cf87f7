//! `POST /accounts/by-link`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_mail::NewAccountByLink;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Opens an account by a link that came by e-mail, with a business of its own, and signs in.
#[utoipa::path(
    post, path = "/accounts/by-link", tag = "identity", request_body = NewAccountByLink,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn open_account_by_link(
    State(identity): State<Identity>,
    caller: Caller,
    Json(account): Json<NewAccountByLink>,
) -> Result<(StatusCode, SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.open_by_link(&caller, account).await?;
    Ok((StatusCode::CREATED, cookie, Json(person)))
}
