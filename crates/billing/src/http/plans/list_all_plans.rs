//! `GET /operator/plans`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Plan, Plans};

/// Every version of every plan, the newest first.
#[utoipa::path(
    get, path = "/operator/plans", tag = "operator",
    responses((status = OK, body = Vec<Plan>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_all_plans(State(plans): State<Plans>, caller: Caller) -> Result<Json<Vec<Plan>>, Error> {
    plans.plans(&caller).await.map(Json)
}
