//! `GET /visits`

use axum::extract::State;
use identity::{Acting, Caller};
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::listing::VisitQuery;
use crate::view::VisitCard;
use crate::{Error, Negotiation};

/// The visits at the vendor's stall, or those of the buyer's phone; the one with the latest news first.
#[utoipa::path(
    get, path = "/visits", tag = "visits", params(VisitQuery),
    responses((status = OK, body = Page<VisitCard>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_visits(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Query(query): Query<VisitQuery>,
) -> Result<Json<Page<VisitCard>>, Error> {
    match caller.acting()? {
        Acting::Vendor(vendor) => negotiation.visits_of_stall(&vendor, query).await.map(Json),
        Acting::Buyer(passes) => negotiation.visits_of_phone(&passes, query.page()).await.map(Json),
    }
}
