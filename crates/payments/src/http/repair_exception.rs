//! `POST /operator/exceptions/{id}/repair`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;

use crate::ids::ExceptionId;
use crate::{Error, ExceptionView, Payments};

/// Puts right what does not match, as it suggests; who and why is kept with it.
#[utoipa::path(
    post, path = "/operator/exceptions/{id}/repair", tag = "operator",
    params(("id" = ExceptionId, Path, description = "The exception.")), request_body = OperatorReason,
    responses((status = OK, body = ExceptionView), (status = "4XX", body = problem::Body)),
)]
pub async fn repair_exception(
    State(payments): State<Payments>,
    caller: Caller,
    Path(exception): Path<ExceptionId>,
    Json(why): Json<OperatorReason>,
) -> Result<Json<ExceptionView>, Error> {
    payments.repair_exception(&caller, exception, &why).await.map(Json)
}
