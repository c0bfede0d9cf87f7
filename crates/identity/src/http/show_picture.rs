//! `GET /people/pictures/{name}`

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use platform::extract::Path;
use platform::problem;

use crate::{Caller, Error, Identity};

/// A picture of the caller or of somebody in one of the caller's businesses.
#[utoipa::path(
    get, path = "/people/pictures/{name}", tag = "identity",
    params(("name" = String, Path, description = "What the picture is called.")),
    responses((status = OK, body = Vec<u8>, content_type = "image/jpeg"), (status = "4XX", body = problem::Body)),
)]
pub async fn show_picture(
    State(identity): State<Identity>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Error> {
    Ok(([(CONTENT_TYPE, "image/jpeg")], identity.picture(&caller, &name).await?))
}
