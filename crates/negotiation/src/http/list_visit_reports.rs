//! `GET /visits/{id}/reports`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::VisitId;

use crate::report::VisitReports;
use crate::room::Party;
use crate::{Error, Negotiation};

/// What the caller reported of a visit, what came of it, and what they were warned of because of it.
#[utoipa::path(
    get, path = "/visits/{id}/reports", tag = "visits", params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = OK, body = VisitReports), (status = "4XX", body = problem::Body)),
)]
pub async fn list_visit_reports(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<VisitReports>, Error> {
    negotiation.reports_of_visit(Party::of(&caller, visit)?).await.map(Json)
}
