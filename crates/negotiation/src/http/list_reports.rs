//! `GET /operator/reports`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::moderation::{OperatorReport, ReportsWanted};
use crate::{Error, Negotiation};

/// The newest reports, without what was said.
#[utoipa::path(
    get, path = "/operator/reports", tag = "operator", params(ReportsWanted),
    responses((status = OK, body = Page<OperatorReport>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_reports(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Query(wanted): Query<ReportsWanted>,
) -> Result<Json<Page<OperatorReport>>, Error> {
    negotiation.reports(&caller, wanted).await.map(Json)
}
