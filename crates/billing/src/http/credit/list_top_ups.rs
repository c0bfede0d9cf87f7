//! `GET /credit/top-ups`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Credits, Error, TopUp};

/// The caller's top-ups, newest first, without the ways to pay them.
#[utoipa::path(
    get, path = "/credit/top-ups", tag = "billing", params(PageQuery),
    responses((status = OK, body = Page<TopUp>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_top_ups(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TopUp>>, Error> {
    credits.top_ups(caller.vendor()?, query).await.map(Json)
}
