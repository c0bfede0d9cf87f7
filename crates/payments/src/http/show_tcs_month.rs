//! `GET /operator/tcs/{month}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, Payments, TcsMonth};

/// What was collected at source in a month in India, by vendor: what the monthly return is written from.
#[utoipa::path(
    get, path = "/operator/tcs/{month}", tag = "operator",
    params(("month" = String, Path, description = "The month in India: `2026-11`.")),
    responses((status = OK, body = TcsMonth), (status = "4XX", body = problem::Body)),
)]
pub async fn show_tcs_month(
    State(payments): State<Payments>,
    caller: Caller,
    Path(month): Path<String>,
) -> Result<Json<TcsMonth>, Error> {
    payments.tcs_month(&caller, &month).await.map(Json)
}
