//! `POST /operator/reconciliations`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, NewReconciliation, Payments, Reconciliation};

/// Has a day compared on all sides; who and why is kept with it.
#[utoipa::path(
    post, path = "/operator/reconciliations", tag = "operator", request_body = NewReconciliation,
    responses((status = ACCEPTED, body = Reconciliation), (status = "4XX", body = problem::Body)),
)]
pub async fn reconcile_day(
    State(payments): State<Payments>,
    caller: Caller,
    Json(new): Json<NewReconciliation>,
) -> Result<(StatusCode, Json<Reconciliation>), Error> {
    let asked = payments.ask_to_reconcile(&caller, &new).await?;
    Ok((StatusCode::ACCEPTED, Json(asked)))
}
