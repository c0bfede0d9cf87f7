//! `GET /passes/exports/{key}`

use axum::extract::State;
use axum::response::Response;
use identity::Caller;
use platform::extract::Path;
use platform::problem;

use crate::export::Whose;
use crate::http::as_file;
use crate::{Error, Privacy};

/// The same as `POST /passes/exports/{key}/file`, which takes its place.
#[utoipa::path(
    get, path = "/passes/exports/{key}", tag = "privacy",
    params(("key" = String, Path, description = "The end of the copy's link.")),
    responses((status = OK, body = Vec<u8>, content_type = "application/zip"), (status = "4XX", body = problem::Body)),
)]
pub async fn fetch_phone_export(
    State(privacy): State<Privacy>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Response, Error> {
    let archive = privacy.fetch_export(&Whose::phone(&caller)?, &key).await?;
    Ok(as_file(archive))
}
