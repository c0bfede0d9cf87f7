//! `PUT /operator/plans/{id}/offered`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::PlanId;

use crate::plans::Offered;
use crate::{Error, Plan, Plans};

/// Takes a plan off the list or puts it back; who and why is kept beside it.
#[utoipa::path(
    put, path = "/operator/plans/{id}/offered", tag = "operator",
    params(("id" = PlanId, Path, description = "The version")), request_body = Offered,
    responses((status = OK, body = Plan), (status = "4XX", body = problem::Body)),
)]
pub async fn offer_plan(
    State(plans): State<Plans>,
    caller: Caller,
    Path(plan): Path<PlanId>,
    Json(offered): Json<Offered>,
) -> Result<Json<Plan>, Error> {
    plans.offer_plan(&caller, plan, &offered).await.map(Json)
}
