//! `GET /operator/credits`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Credits, Error, TenantCredit};

/// Every vendor's credit, the newest vendor first.
#[utoipa::path(
    get, path = "/operator/credits", tag = "operator", params(PageQuery),
    responses((status = OK, body = Page<TenantCredit>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_credits(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<TenantCredit>>, Error> {
    credits.tenants(&caller, query).await.map(Json)
}
