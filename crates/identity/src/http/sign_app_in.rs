//! `POST /tokens`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::app_token::{AppSignIn, Tokens};
use crate::{Caller, Error, Identity};

/// Signs a program in as a person: it calls with tokens instead of a cookie.
#[utoipa::path(
    post, path = "/tokens", tag = "identity", request_body = AppSignIn,
    responses((status = CREATED, body = Tokens), (status = "4XX", body = problem::Body)),
)]
pub async fn sign_app_in(
    State(identity): State<Identity>,
    caller: Caller,
    Json(given): Json<AppSignIn>,
) -> Result<(StatusCode, Json<Tokens>), Error> {
    Ok((StatusCode::CREATED, Json(identity.sign_app_in(&caller, &given).await?)))
}
