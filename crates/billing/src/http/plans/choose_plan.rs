//! `PUT /plan`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::plans::PlanChoice;
use crate::{Error, Plans, Subscription};

/// Chooses a plan. What is due is paid from paid credit now, or as soon as there is enough.
#[utoipa::path(
    put, path = "/plan", tag = "billing", request_body = PlanChoice,
    responses((status = OK, body = Subscription), (status = "4XX", body = problem::Body)),
)]
pub async fn choose_plan(
    State(plans): State<Plans>,
    caller: Caller,
    Json(choice): Json<PlanChoice>,
) -> Result<Json<Subscription>, Error> {
    plans.choose(caller.vendor()?, &choice).await.map(Json)
}
