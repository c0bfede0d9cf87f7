//! `PUT /sessions/current/business`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::business::BusinessChoice;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Goes over to another business of the caller's: a new session begins.
#[utoipa::path(
    put, path = "/sessions/current/business", tag = "identity", request_body = BusinessChoice,
    responses((status = OK, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn choose_business(
    State(identity): State<Identity>,
    caller: Caller,
    Json(choice): Json<BusinessChoice>,
) -> Result<(SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.choose_business(&caller, choice).await?;
    Ok((cookie, Json(person)))
}
