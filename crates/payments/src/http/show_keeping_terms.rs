//! `GET /payment-methods/terms`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::method::KeepingTerms;
use crate::{Error, Payments};

/// What the caller would agree to at each gateway that keeps ways to pay.
#[utoipa::path(
    get, path = "/payment-methods/terms", tag = "payments",
    responses((status = OK, body = Vec<KeepingTerms>), (status = "4XX", body = problem::Body)),
)]
pub async fn show_keeping_terms(
    State(payments): State<Payments>,
    caller: Caller,
) -> Result<Json<Vec<KeepingTerms>>, Error> {
    payments.keeping_terms(&caller).map(Json)
}
