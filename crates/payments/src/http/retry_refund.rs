//! `POST /operator/refunds/{id}/retry`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;
use types::RefundId;

use crate::{Error, OperatorRefund, Payments};

/// Has a refund that failed made again at the gateway; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/refunds/{id}/retry", tag = "operator",
    params(("id" = RefundId, Path, description = "The refund.")), request_body = OperatorReason,
    responses((status = OK, body = OperatorRefund), (status = "4XX", body = problem::Body)),
)]
pub async fn retry_refund(
    State(payments): State<Payments>,
    caller: Caller,
    Path(refund): Path<RefundId>,
    Json(why): Json<OperatorReason>,
) -> Result<Json<OperatorRefund>, Error> {
    payments.retry_refund(&caller, refund, &why).await.map(Json)
}
