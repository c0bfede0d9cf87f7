//! `POST /passes/exports/{key}/file`

use axum::extract::State;
use axum::response::Response;
use identity::Caller;
use platform::extract::Path;
use platform::problem;

use crate::export::Whose;
use crate::http::as_file;
use crate::{Error, Privacy};

/// A copy of what is kept of the visits of this phone: a ZIP archive, for a day and for whoever asked for it.
#[utoipa::path(
    post, path = "/passes/exports/{key}/file", tag = "privacy",
    params(("key" = String, Path, description = "The end of the copy's link.")),
    responses((status = OK, body = Vec<u8>, content_type = "application/zip"), (status = "4XX", body = problem::Body)),
)]
pub async fn take_phone_export(
    State(privacy): State<Privacy>,
    caller: Caller,
    Path(key): Path<String>,
) -> Result<Response, Error> {
    let archive = privacy.fetch_export(&Whose::phone(&caller)?, &key).await?;
    Ok(as_file(archive))
}
