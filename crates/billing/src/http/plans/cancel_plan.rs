//! `PUT /plan/cancellation`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::plans::Cancellation;
use crate::{Error, Plans, Subscription};

/// Has the plan end with its period, or takes that back.
#[utoipa::path(
    put, path = "/plan/cancellation", tag = "billing", request_body = Cancellation,
    responses((status = OK, body = Subscription), (status = "4XX", body = problem::Body)),
)]
pub async fn cancel_plan(
    State(plans): State<Plans>,
    caller: Caller,
    Json(wish): Json<Cancellation>,
) -> Result<Json<Subscription>, Error> {
    plans.cancel(caller.vendor()?, wish).await.map(Json)
}
