//! `GET /operator/top-ups`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::credit::SaidTopUpQuery;
use crate::{Credits, Error, SaidTopUp};

/// Top-ups that vendors say they paid at the platform's own UPI id, the newest first.
#[utoipa::path(
    get, path = "/operator/top-ups", tag = "operator", params(SaidTopUpQuery),
    responses((status = OK, body = Page<SaidTopUp>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_said_top_ups(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<SaidTopUpQuery>,
) -> Result<Json<Page<SaidTopUp>>, Error> {
    credits.said_top_ups(&caller, query).await.map(Json)
}
