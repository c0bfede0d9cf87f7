//! `POST /accounts/by-code`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::by_code::NewAccountByCode;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Opens an account by a code that came to the telephone, with a business of its own, and signs in.
#[utoipa::path(
    post, path = "/accounts/by-code", tag = "identity", request_body = NewAccountByCode,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn open_account_by_code(
    State(identity): State<Identity>,
    caller: Caller,
    Json(account): Json<NewAccountByCode>,
) -> Result<(StatusCode, SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.open_by_code(&caller, account).await?;
    Ok((StatusCode::CREATED, cookie, Json(person)))
}
