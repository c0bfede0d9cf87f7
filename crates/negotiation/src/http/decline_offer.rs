//! `POST /visits/{id}/offers/{offer}/decline`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::{OfferId, VisitId};

use crate::room::Party;
use crate::view::OfferView;
use crate::{Error, Negotiation};

/// Says no to the other side's offer.
#[utoipa::path(
    post, path = "/visits/{id}/offers/{offer}/decline", tag = "visits",
    params(("id" = VisitId, Path, description = "The visit."), ("offer" = OfferId, Path, description = "The offer.")),
    responses((status = OK, body = OfferView), (status = "4XX", body = problem::Body)),
)]
pub async fn decline_offer(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path((visit, offer)): Path<(VisitId, OfferId)>,
) -> Result<Json<OfferView>, Error> {
    negotiation.decline_offer(Party::of(&caller, visit)?, offer).await.map(Json)
}
