//! `POST /operator/accounts/search`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::accounts::{AccountSearch, FoundAccounts};
use crate::{Caller, Error, Identity};

/// Finds people by their number or the beginning of their name; that they were looked at, and why, is kept.
#[utoipa::path(
    post, path = "/operator/accounts/search", tag = "operator", request_body = AccountSearch,
    responses((status = OK, body = FoundAccounts), (status = "4XX", body = problem::Body)),
)]
pub async fn find_accounts(
    State(identity): State<Identity>,
    caller: Caller,
    Json(search): Json<AccountSearch>,
) -> Result<Json<FoundAccounts>, Error> {
    identity.find_accounts(&caller, &search).await.map(Json)
}
