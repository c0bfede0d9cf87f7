//! `GET /tax-profile`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Billing, Error, TaxProfile};

/// The seller's tax profile; not registered, without a name, until they said more.
#[utoipa::path(
    get, path = "/tax-profile", tag = "billing",
    responses((status = OK, body = TaxProfile), (status = "4XX", body = problem::Body)),
)]
pub async fn show_tax_profile(
    State(billing): State<Billing>,
    caller: Caller,
) -> Result<Json<TaxProfile>, Error> {
    let vendor = caller.vendor()?;
    billing.tax_profile(vendor.tenant).await.map(Json)
}
