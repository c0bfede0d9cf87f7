//! `GET /operator/reconciliations`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Error, Payments, Reconciliation};

/// Comparisons of days, newest first.
#[utoipa::path(
    get, path = "/operator/reconciliations", tag = "operator", params(PageQuery),
    responses((status = OK, body = Page<Reconciliation>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_reconciliations(
    State(payments): State<Payments>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<Reconciliation>>, Error> {
    payments.reconciliations(&caller, page).await.map(Json)
}
