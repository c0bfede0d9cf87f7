//! `POST /plan/payment`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Plans, Subscription};

/// Takes the money that is due from paid credit now; what is missing stands in the answer.
#[utoipa::path(
    post, path = "/plan/payment", tag = "billing",
    responses((status = OK, body = Subscription), (status = "4XX", body = problem::Body)),
)]
pub async fn pay_plan(State(plans): State<Plans>, caller: Caller) -> Result<Json<Subscription>, Error> {
    plans.pay(caller.vendor()?).await.map(Json)
}
