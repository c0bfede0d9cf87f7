//! `POST /me/second-factor/enrolments`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::second_factor::Enrolment;
use crate::{Caller, Error, Identity};

/// Makes a secret for the caller's app; nothing is asked for until a first code confirms it.
#[utoipa::path(
    post, path = "/me/second-factor/enrolments", tag = "identity",
    responses((status = CREATED, body = Enrolment), (status = "4XX", body = problem::Body)),
)]
pub async fn begin_second_factor(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(StatusCode, Json<Enrolment>), Error> {
    Ok((StatusCode::CREATED, Json(identity.begin_factor(&caller).await?)))
}
