//! `GET /stall/notices`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::report::StallNotices;
use crate::{Error, Negotiation};

/// What whoever keeps order tells the stall: whether it is closed, what it was warned of, what came of its reports.
#[utoipa::path(
    get, path = "/stall/notices", tag = "stall",
    responses((status = OK, body = StallNotices), (status = "4XX", body = problem::Body)),
)]
pub async fn list_stall_notices(
    State(negotiation): State<Negotiation>,
    caller: Caller,
) -> Result<Json<StallNotices>, Error> {
    negotiation.notices_of_stall(caller.vendor()?).await.map(Json)
}
