//! `GET /me`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::{Caller, Error, Identity, Me};

/// Who the caller is; nobody is an answer too.
#[utoipa::path(
    get, path = "/me", tag = "identity",
    responses((status = OK, body = Me), (status = "4XX", body = problem::Body)),
)]
pub async fn show_me(State(identity): State<Identity>, caller: Caller) -> Result<Json<Me>, Error> {
    Ok(Json(identity.me(&caller).await?))
}
