//! `POST /operator/credits/{tenant}/grants`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TenantId;

use crate::credit::NewGrant;
use crate::{CreditLot, Credits, Error};

/// Gives a vendor credit; who and why is kept beside it.
#[utoipa::path(
    post, path = "/operator/credits/{tenant}/grants", tag = "operator",
    params(("tenant" = TenantId, Path, description = "The vendor's business.")), request_body = NewGrant,
    responses((status = CREATED, body = CreditLot), (status = "4XX", body = problem::Body)),
)]
pub async fn grant_credit(
    State(credits): State<Credits>,
    caller: Caller,
    Path(tenant): Path<TenantId>,
    Json(new): Json<NewGrant>,
) -> Result<(StatusCode, Json<CreditLot>), Error> {
    let lot = credits.grant(&caller, tenant, &new).await?;
    Ok((StatusCode::CREATED, Json(lot)))
}
