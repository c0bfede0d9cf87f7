//! `POST /sessions`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use platform::extract::Json;
use platform::problem;

use crate::second_step::SecondStep;
use crate::session::{Credentials, Entry};
use crate::{Caller, Error, Identity, Person};

/// Signs in. Where the account has a second factor, `202` says that a code is asked for at `/sessions/second-step`.
#[utoipa::path(
    post, path = "/sessions", tag = "identity", request_body = Credentials,
    responses(
        (status = CREATED, body = Person), (status = ACCEPTED, body = SecondStep), (status = "4XX", body = problem::Body)
    ),
)]
pub async fn sign_in(
    State(identity): State<Identity>,
    caller: Caller,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Error> {
    Ok(match identity.sign_in(&caller, &credentials).await? {
        Entry::Whole(person, cookie) => (StatusCode::CREATED, cookie, Json(person)).into_response(),
        Entry::Half(step, cookie) => (StatusCode::ACCEPTED, cookie, Json(step)).into_response(),
    })
}
