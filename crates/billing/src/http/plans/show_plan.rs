//! `GET /plan`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Plans, Subscription};

/// The caller's plan: what it gives, what is paid and what comes.
#[utoipa::path(
    get, path = "/plan", tag = "billing",
    responses((status = OK, body = Subscription), (status = "4XX", body = problem::Body)),
)]
pub async fn show_plan(State(plans): State<Plans>, caller: Caller) -> Result<Json<Subscription>, Error> {
    plans.subscription(caller.vendor()?).await.map(Json)
}
