//! `GET /me/erasure`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{ErasurePlan, Error, Privacy};

/// What an erasure of one's account would do, what stands in the way, and how far one is.
#[utoipa::path(
    get, path = "/me/erasure", tag = "privacy",
    responses((status = OK, body = ErasurePlan), (status = "4XX", body = problem::Body)),
)]
pub async fn show_erasure(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<Json<ErasurePlan>, Error> {
    privacy.erasure_plan(&caller).await.map(Json)
}
