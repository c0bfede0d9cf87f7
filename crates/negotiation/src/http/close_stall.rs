//! `PUT /operator/stalls/{tenant}/closed`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TenantId;

use crate::moderation::StallClosing;
use crate::{Error, Negotiation};

/// Closes a stall to new visits, or opens it again.
#[utoipa::path(
    put, path = "/operator/stalls/{tenant}/closed", tag = "operator", params(("tenant" = TenantId, Path, description = "Whose stall.")), request_body = StallClosing,
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn close_stall(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(tenant): Path<TenantId>,
    Json(asked): Json<StallClosing>,
) -> Result<StatusCode, Error> {
    negotiation.set_stall_closed(&caller, tenant, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}
