//! `POST /businesses`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::business::BusinessName;
use crate::{Caller, Error, Identity, Person, SetCookie};

/// Opens a business that the caller owns, and goes over to it.
#[utoipa::path(
    post, path = "/businesses", tag = "identity", request_body = BusinessName,
    responses((status = CREATED, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn open_business(
    State(identity): State<Identity>,
    caller: Caller,
    Json(named): Json<BusinessName>,
) -> Result<(StatusCode, SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.open_business(&caller, &named).await?;
    Ok((StatusCode::CREATED, cookie, Json(person)))
}
