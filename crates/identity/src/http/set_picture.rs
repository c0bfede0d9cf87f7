//! `PUT /me/picture`

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use platform::Problem;
use platform::problem;

use crate::{Caller, Identity};

/// Keeps a picture of the caller: a JPEG, PNG or WebP of at most 5 MiB is the body. A small square of its middle is kept.
#[utoipa::path(
    put, path = "/me/picture", tag = "identity",
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn set_picture(
    State(identity): State<Identity>,
    caller: Caller,
    request: Request,
) -> Result<StatusCode, Problem> {
    let file = Bytes::from_request(request, &()).await?;
    identity.set_picture(&caller, file.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
