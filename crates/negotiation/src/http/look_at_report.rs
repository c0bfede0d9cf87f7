//! `POST /operator/reports/{tenant}/{id}/look`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;
use types::{ReportId, TenantId};

use crate::moderation::ReportDetail;
use crate::{Error, Negotiation};

/// What a report is about, with what both sides could hear. Who looked, and why, is kept.
#[utoipa::path(
    post, path = "/operator/reports/{tenant}/{id}/look", tag = "operator", params(("tenant" = TenantId, Path, description = "At whose stall."), ("id" = ReportId, Path, description = "The report.")), request_body = OperatorReason,
    responses((status = OK, body = ReportDetail), (status = "4XX", body = problem::Body)),
)]
pub async fn look_at_report(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(report): Path<(TenantId, ReportId)>,
    Json(why): Json<OperatorReason>,
) -> Result<Json<ReportDetail>, Error> {
    negotiation.look_at_report(&caller, report, &why).await.map(Json)
}
