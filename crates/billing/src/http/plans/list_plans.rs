//! `GET /plans`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Plan, Plans};

/// The plans that the caller can choose, the cheapest first.
#[utoipa::path(
    get, path = "/plans", tag = "billing",
    responses((status = OK, body = Vec<Plan>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_plans(State(plans): State<Plans>, caller: Caller) -> Result<Json<Vec<Plan>>, Error> {
    plans.catalogue(caller.vendor()?).await.map(Json)
}
