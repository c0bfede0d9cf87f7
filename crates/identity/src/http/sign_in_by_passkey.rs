//! `POST /sessions/passkey`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::passkey::PasskeyAnswer;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Signs in by a passkey: alone, or in place of the code after the password.
#[utoipa::path(
    post, path = "/sessions/passkey", tag = "identity", request_body = PasskeyAnswer,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn sign_in_by_passkey(
    State(identity): State<Identity>,
    caller: Caller,
    Json(given): Json<PasskeyAnswer>,
) -> Result<(StatusCode, SetCookie, SetCookie, Json<Person>), Error> {
    let (person, session, forgotten) = identity.sign_in_by_passkey(&caller, &given).await?;
    Ok((StatusCode::CREATED, session, forgotten, Json(person)))
}
