//! `POST /sessions/second-step`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::second_factor::FactorCode;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Signs in by a code, after the password.
#[utoipa::path(
    post, path = "/sessions/second-step", tag = "identity", request_body = FactorCode,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn finish_sign_in(
    State(identity): State<Identity>,
    caller: Caller,
    Json(given): Json<FactorCode>,
) -> Result<(StatusCode, SetCookie, SetCookie, Json<Person>), Error> {
    let (person, session, forgotten) = identity.finish_sign_in(&caller, &given).await?;
    Ok((StatusCode::CREATED, session, forgotten, Json(person)))
}
