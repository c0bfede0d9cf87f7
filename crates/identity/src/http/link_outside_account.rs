//! `POST /me/outside-accounts`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::openid::OutsideAccounts;
use crate::{Caller, Error, Identity, SetCookie};

/// Links the account elsewhere that this browser came back with to the caller.
#[utoipa::path(
    post, path = "/me/outside-accounts", tag = "identity",
    responses((status = CREATED, body = OutsideAccounts), (status = "4XX", body = problem::Body)),
)]
pub async fn link_outside_account(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(StatusCode, SetCookie, Json<OutsideAccounts>), Error> {
    let (accounts, forgotten) = identity.link_outside(&caller).await?;
    Ok((StatusCode::CREATED, forgotten, Json(accounts)))
}
