//! `GET /operator/exceptions`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::reconcile::exception::ExceptionQuery;
use crate::{Error, ExceptionView, Payments};

/// What does not match between record, gateway and settlement, newest first.
#[utoipa::path(
    get, path = "/operator/exceptions", tag = "operator", params(ExceptionQuery, PageQuery),
    responses((status = OK, body = Page<ExceptionView>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_exceptions(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<ExceptionQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<ExceptionView>>, Error> {
    payments.exceptions(&caller, which.state, page).await.map(Json)
}
