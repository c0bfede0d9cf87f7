//! `PUT /me/phone`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::by_code::CodeGiven;
use crate::{Caller, Error, Identity, Person};

/// Keeps that a number is the caller's, by the code that came there. Where it is another than before, that one is told.
#[utoipa::path(
    put, path = "/me/phone", tag = "identity", request_body = CodeGiven,
    responses((status = OK, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn keep_number(
    State(identity): State<Identity>,
    caller: Caller,
    Json(given): Json<CodeGiven>,
) -> Result<Json<Person>, Error> {
    Ok(Json(identity.keep_number(&caller, &given).await?))
}
