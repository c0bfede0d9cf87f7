//! `GET /me/acts`

use axum::extract::State;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::account_log::AccountAct;
use crate::{Caller, Error, Identity};

/// What happened to the caller's account, newest first.
#[utoipa::path(
    get, path = "/me/acts", tag = "identity", params(PageQuery),
    responses((status = OK, body = Page<AccountAct>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_account_acts(
    State(identity): State<Identity>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AccountAct>>, Error> {
    identity.account_acts(&caller, query).await.map(Json)
}
