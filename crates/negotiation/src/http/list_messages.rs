//! `GET /visits/{id}/messages`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path, Query};
use platform::page::{Page, PageQuery};
use platform::problem;
use types::VisitId;

use crate::room::Party;
use crate::view::MessageView;
use crate::{Error, Negotiation};

/// What was said in a visit, in the caller's language, newest first.
#[utoipa::path(
    get, path = "/visits/{id}/messages", tag = "visits",
    params(("id" = VisitId, Path, description = "The visit."), PageQuery),
    responses((status = OK, body = Page<MessageView>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_messages(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<MessageView>>, Error> {
    negotiation.list_messages(Party::of(&caller, visit)?, query).await.map(Json)
}
