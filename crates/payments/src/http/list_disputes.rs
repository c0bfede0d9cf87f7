//! `GET /disputes`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::dispute::DisputeQuery;
use crate::{DisputeView, Error, Payments};

/// A page of the vendor's disputes, newest first.
#[utoipa::path(
    get, path = "/disputes", tag = "disputes", params(DisputeQuery, PageQuery),
    responses((status = OK, body = Page<DisputeView>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_disputes(
    State(payments): State<Payments>,
    caller: Caller,
    Query(which): Query<DisputeQuery>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<DisputeView>>, Error> {
    payments.disputes(&caller, which.state, page).await.map(Json)
}
