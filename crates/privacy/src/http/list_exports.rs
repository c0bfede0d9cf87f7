//! `GET /me/exports`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::export::Whose;
use crate::{Error, Exports, Privacy};

/// The copies of one's own data that were asked for lately, newest first.
#[utoipa::path(
    get, path = "/me/exports", tag = "privacy",
    responses((status = OK, body = Exports), (status = "4XX", body = problem::Body)),
)]
pub async fn list_exports(State(privacy): State<Privacy>, caller: Caller) -> Result<Json<Exports>, Error> {
    privacy.exports(&Whose::person(&caller)?).await.map(Json)
}
