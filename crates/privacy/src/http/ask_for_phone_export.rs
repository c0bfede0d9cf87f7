//! `POST /passes/exports`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::export::Whose;
use crate::{Error, Export, Privacy};

/// Has a copy made of what is kept of the visits of this phone; while one is being made it is that one.
#[utoipa::path(
    post, path = "/passes/exports", tag = "privacy",
    responses((status = ACCEPTED, body = Export), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_phone_export(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<(StatusCode, Json<Export>), Error> {
    let export = privacy.ask_for_export(&Whose::phone(&caller)?).await?;
    Ok((StatusCode::ACCEPTED, Json(export)))
}
