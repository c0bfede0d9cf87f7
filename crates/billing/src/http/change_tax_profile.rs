//! `PUT /tax-profile`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Billing, Error, TaxProfile};

/// Says how the seller is registered for tax and what documents say of them. Issued documents do not change.
#[utoipa::path(
    put, path = "/tax-profile", tag = "billing", request_body = TaxProfile,
    responses((status = OK, body = TaxProfile), (status = "4XX", body = problem::Body)),
)]
pub async fn change_tax_profile(
    State(billing): State<Billing>,
    caller: Caller,
    Json(profile): Json<TaxProfile>,
) -> Result<Json<TaxProfile>, Error> {
    let vendor = caller.vendor()?;
    billing.put_tax_profile(vendor, &profile).await.map(Json)
}
