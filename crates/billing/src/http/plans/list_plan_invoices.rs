//! `GET /plan/invoices`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Error, PlanInvoice, Plans};

/// What the caller was asked for plans, newest first.
#[utoipa::path(
    get, path = "/plan/invoices", tag = "billing", params(PageQuery),
    responses((status = OK, body = Page<PlanInvoice>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_plan_invoices(
    State(plans): State<Plans>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<PlanInvoice>>, Error> {
    plans.invoices(caller.vendor()?, query).await.map(Json)
}
