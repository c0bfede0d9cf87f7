//! `PUT /me/second-factor`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::second_factor::{FactorCode, RecoveryCodes};
use crate::{Caller, Error, Identity};

/// Turns the second factor on by a first code, and signs the other devices out. The recovery codes are shown only now.
#[utoipa::path(
    put, path = "/me/second-factor", tag = "identity", request_body = FactorCode,
    responses((status = OK, body = RecoveryCodes), (status = "4XX", body = problem::Body)),
)]
pub async fn turn_second_factor_on(
    State(identity): State<Identity>,
    caller: Caller,
    Json(first): Json<FactorCode>,
) -> Result<Json<RecoveryCodes>, Error> {
    identity.turn_factor_on(&caller, &first).await.map(Json)
}
