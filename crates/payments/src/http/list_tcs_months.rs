//! `GET /operator/tcs-months`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Payments, TcsMonthDue};

/// The months in which tax was collected at source: what is due for each, and what was paid to the state.
#[utoipa::path(
    get, path = "/operator/tcs-months", tag = "operator",
    responses((status = OK, body = Vec<TcsMonthDue>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_tcs_months(
    State(payments): State<Payments>,
    caller: Caller,
) -> Result<Json<Vec<TcsMonthDue>>, Error> {
    payments.tcs_months(&caller).await.map(Json)
}
