//! `PUT /me/erasure`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{ErasurePlan, Error, Privacy};

/// Has one's account erased in 48 hours.
#[utoipa::path(
    put, path = "/me/erasure", tag = "privacy",
    responses((status = OK, body = ErasurePlan), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_for_erasure(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<Json<ErasurePlan>, Error> {
    privacy.ask_for_erasure(&caller).await.map(Json)
}
