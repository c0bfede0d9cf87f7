//! `POST /me/second-factor/recovery-codes`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::second_factor::RecoveryCodes;
use crate::{Caller, Error, Identity};

/// Makes ten new recovery codes, shown only now; those before work no more.
#[utoipa::path(
    post, path = "/me/second-factor/recovery-codes", tag = "identity",
    responses((status = CREATED, body = RecoveryCodes), (status = "4XX", body = problem::Body)),
)]
pub async fn make_recovery_codes(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(StatusCode, Json<RecoveryCodes>), Error> {
    Ok((StatusCode::CREATED, Json(identity.make_recovery_codes(&caller).await?)))
}
