//! `PUT /operator/tcs/{month}/payment`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;

use crate::{Error, NewTcsPayment, Payments, TcsMonth};

/// Records that a month's tax was paid to the state: once.
#[utoipa::path(
    put, path = "/operator/tcs/{month}/payment", tag = "operator", request_body = NewTcsPayment,
    params(("month" = String, Path, description = "The month in India: `2026-11`.")),
    responses((status = OK, body = TcsMonth), (status = "4XX", body = problem::Body)),
)]
pub async fn pay_tcs(
    State(payments): State<Payments>,
    caller: Caller,
    Path(month): Path<String>,
    Json(new): Json<NewTcsPayment>,
) -> Result<Json<TcsMonth>, Error> {
    payments.pay_tcs(&caller, &month, &new).await.map(Json)
}
