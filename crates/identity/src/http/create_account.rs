//! `POST /accounts`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::person::NewAccount;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Opens an account with a business of its own, and signs in.
#[utoipa::path(
    post, path = "/accounts", tag = "identity", request_body = NewAccount,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn create_account(
    State(identity): State<Identity>,
    caller: Caller,
    Json(account): Json<NewAccount>,
) -> Result<(StatusCode, SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.create_account(&caller, account).await?;
    Ok((StatusCode::CREATED, cookie, Json(person)))
}
