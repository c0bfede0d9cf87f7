//! `GET /me/outside-accounts`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::openid::OutsideAccounts;
use crate::{Caller, Error, Identity};

/// The caller's accounts elsewhere that sign them in here, and what waits to be linked.
#[utoipa::path(
    get, path = "/me/outside-accounts", tag = "identity",
    responses((status = OK, body = OutsideAccounts), (status = "4XX", body = problem::Body)),
)]
pub async fn list_outside_accounts(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<OutsideAccounts>, Error> {
    identity.outside_accounts(&caller).await.map(Json)
}
