//! `PUT /operator/vendors/{tenant}/hold`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TenantId;

use crate::{Error, NewHold, Payments};

/// Sets how long the money of a stall's sales is held back from now on; who and why is kept.
#[utoipa::path(
    put, path = "/operator/vendors/{tenant}/hold", tag = "operator",
    params(("tenant" = TenantId, Path, description = "The vendor.")), request_body = NewHold,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn set_hold(
    State(payments): State<Payments>,
    caller: Caller,
    Path(tenant): Path<TenantId>,
    Json(new): Json<NewHold>,
) -> Result<StatusCode, Error> {
    payments.set_hold(&caller, tenant, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}
