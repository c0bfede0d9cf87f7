//! `POST /plan/quote`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::plans::{PlanChoice, PlanQuote};
use crate::{Error, Plans};

/// What a choice would cost and when it would count; nothing is changed.
#[utoipa::path(
    post, path = "/plan/quote", tag = "billing", request_body = PlanChoice,
    responses((status = OK, body = PlanQuote), (status = "4XX", body = problem::Body)),
)]
pub async fn quote_plan(
    State(plans): State<Plans>,
    caller: Caller,
    Json(choice): Json<PlanChoice>,
) -> Result<Json<PlanQuote>, Error> {
    plans.quote(caller.vendor()?, &choice).await.map(Json)
}
