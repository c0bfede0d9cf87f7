//! `GET /passes/exports`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::export::Whose;
use crate::{Error, Exports, Privacy};

/// The copies of what is kept of the visits of this phone that were asked for lately, newest first.
#[utoipa::path(
    get, path = "/passes/exports", tag = "privacy",
    responses((status = OK, body = Exports), (status = "4XX", body = problem::Body)),
)]
pub async fn list_phone_exports(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<Json<Exports>, Error> {
    privacy.exports(&Whose::phone(&caller)?).await.map(Json)
}
