//! `PUT /operator/credits/{tenant}/freeze`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TenantId;

use crate::credit::Freeze;
use crate::{Credits, Error, TenantCredit};

/// Stops a vendor's spending, or lets it go on; who and why is kept beside it.
#[utoipa::path(
    put, path = "/operator/credits/{tenant}/freeze", tag = "operator",
    params(("tenant" = TenantId, Path, description = "The vendor's business.")), request_body = Freeze,
    responses((status = OK, body = TenantCredit), (status = "4XX", body = problem::Body)),
)]
pub async fn freeze_credit(
    State(credits): State<Credits>,
    caller: Caller,
    Path(tenant): Path<TenantId>,
    Json(freeze): Json<Freeze>,
) -> Result<Json<TenantCredit>, Error> {
    credits.freeze(&caller, tenant, &freeze).await.map(Json)
}
