//! `GET /credit/refunds`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{CreditRefund, Credits, Error};

/// What went back of the caller's paid credit, newest first.
#[utoipa::path(
    get, path = "/credit/refunds", tag = "billing", params(PageQuery),
    responses((status = OK, body = Page<CreditRefund>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_credit_refunds(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<CreditRefund>>, Error> {
    credits.refunds(caller.vendor()?, query).await.map(Json)
}
