//! `POST /visits/{id}/leave`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::VisitId;

use crate::room::Party;
use crate::view::VisitView;
use crate::{Error, Negotiation};

/// Walks away from the stall; saying anything comes back to it.
#[utoipa::path(
    post, path = "/visits/{id}/leave", tag = "visits", params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = OK, body = VisitView), (status = "4XX", body = problem::Body)),
)]
pub async fn leave_visit(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<VisitView>, Error> {
    negotiation.leave(Party::of(&caller, visit)?).await.map(Json)
}
