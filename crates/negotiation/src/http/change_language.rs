//! `PATCH /visits/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::{Language, VisitId};
use utoipa::ToSchema;

use crate::room::Party;
use crate::view::VisitView;
use crate::{Error, Negotiation};

/// What changes of a visit.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VisitChange {
    /// What the caller's side reads and hears from now on.
    language: Language,
}

/// Has the caller's side read and hear another language.
#[utoipa::path(
    patch, path = "/visits/{id}", tag = "visits", request_body = VisitChange,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = OK, body = VisitView), (status = "4XX", body = problem::Body)),
)]
pub async fn change_language(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(change): Json<VisitChange>,
) -> Result<Json<VisitView>, Error> {
    negotiation.change_language(Party::of(&caller, visit)?, change.language).await.map(Json)
}
