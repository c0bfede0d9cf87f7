//! `PUT /visits/{id}/crew`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::{CrewId, VisitId};
use utoipa::ToSchema;

use crate::{Error, Negotiation};

/// To whom a buyer is given.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VisitCrew {
    /// The team; absent: everybody.
    crew_id: Option<CrewId>,
}

/// Gives a buyer to a team of the business, or to everybody again. The team's phones are told.
#[utoipa::path(
    put, path = "/visits/{id}/crew", tag = "visits", request_body = VisitCrew,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn give_visit(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(given): Json<VisitCrew>,
) -> Result<StatusCode, Error> {
    negotiation.give_visit(&caller.vendor()?, visit, given.crew_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
