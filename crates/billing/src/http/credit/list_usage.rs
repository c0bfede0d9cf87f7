//! `GET /credit/usage`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Credits, Error, Usage};

/// What the caller was charged for, newest first.
#[utoipa::path(
    get, path = "/credit/usage", tag = "billing", params(PageQuery),
    responses((status = OK, body = Page<Usage>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_usage(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Usage>>, Error> {
    credits.usage(caller.vendor()?, query).await.map(Json)
}
