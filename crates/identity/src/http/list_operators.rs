//! `GET /operator/people`

use axum::extract::State;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::operators::Operator;
use crate::{Caller, Error, Identity};

/// Who runs the installation, the newest account first.
#[utoipa::path(
    get, path = "/operator/people", tag = "operator", params(PageQuery),
    responses((status = OK, body = Page<Operator>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_operators(
    State(identity): State<Identity>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Operator>>, Error> {
    identity.operators(&caller, query).await.map(Json)
}
