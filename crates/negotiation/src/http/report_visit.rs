//! `POST /visits/{id}/reports`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::VisitId;

use crate::report::{NewReport, Report};
use crate::{Error, Negotiation};

/// Reports the other side of a visit to whoever keeps order here: once.
#[utoipa::path(
    post, path = "/visits/{id}/reports", tag = "visits", params(("id" = VisitId, Path, description = "The visit.")), request_body = NewReport,
    responses((status = CREATED, body = Report), (status = "4XX", body = problem::Body)),
)]
pub async fn report_visit(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(new): Json<NewReport>,
) -> Result<(StatusCode, Json<Report>), Error> {
    let report = negotiation.report_visit(&caller, visit, &new).await?;
    Ok((StatusCode::CREATED, Json(report)))
}
