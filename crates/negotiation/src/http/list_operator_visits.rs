//! `GET /operator/visits`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::listing::Wanted;
use crate::view::OperatorVisit;
use crate::{Error, Negotiation};

/// The newest visits of every stall, without what was said in them.
#[utoipa::path(
    get, path = "/operator/visits", tag = "operator", params(Wanted),
    responses((status = OK, body = Page<OperatorVisit>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_operator_visits(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<OperatorVisit>>, Error> {
    negotiation.visits_of_all(caller.operator()?, wanted).await.map(Json)
}
