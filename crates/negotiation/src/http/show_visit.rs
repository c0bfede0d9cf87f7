//! `GET /visits/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::VisitId;

use crate::room::Party;
use crate::view::VisitView;
use crate::{Error, Negotiation};

/// A visit as the caller's side sees it.
#[utoipa::path(
    get, path = "/visits/{id}", tag = "visits", params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = OK, body = VisitView), (status = "4XX", body = problem::Body)),
)]
pub async fn show_visit(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
) -> Result<Json<VisitView>, Error> {
    negotiation.show_visit(Party::of(&caller, visit)?).await.map(Json)
}
