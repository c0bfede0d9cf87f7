//! `GET /me/second-factor`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::second_factor::SecondFactor;
use crate::{Caller, Error, Identity};

/// The caller's second factor.
#[utoipa::path(
    get, path = "/me/second-factor", tag = "identity",
    responses((status = OK, body = SecondFactor), (status = "4XX", body = problem::Body)),
)]
pub async fn show_second_factor(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<SecondFactor>, Error> {
    identity.second_factor(&caller).await.map(Json)
}
