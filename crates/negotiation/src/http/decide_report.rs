//! `POST /operator/reports/{tenant}/{id}/decision`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::{ReportId, TenantId};

use crate::moderation::{OperatorReport, ReportDecision};
use crate::{Error, Negotiation};

/// Decides what comes of a report, once.
#[utoipa::path(
    post, path = "/operator/reports/{tenant}/{id}/decision", tag = "operator", params(("tenant" = TenantId, Path, description = "At whose stall."), ("id" = ReportId, Path, description = "The report.")), request_body = ReportDecision,
    responses((status = OK, body = OperatorReport), (status = "4XX", body = problem::Body)),
)]
pub async fn decide_report(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(report): Path<(TenantId, ReportId)>,
    Json(asked): Json<ReportDecision>,
) -> Result<Json<OperatorReport>, Error> {
    negotiation.decide_report(&caller, report, &asked).await.map(Json)
}
