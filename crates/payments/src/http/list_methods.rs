//! `GET /payment-methods`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::method::PaymentMethod;
use crate::{Error, Payments};

/// The cards and mandates that gateways keep for the caller.
#[utoipa::path(
    get, path = "/payment-methods", tag = "payments",
    responses((status = OK, body = Vec<PaymentMethod>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_methods(
    State(payments): State<Payments>,
    caller: Caller,
) -> Result<Json<Vec<PaymentMethod>>, Error> {
    payments.methods_for(&caller).await.map(Json)
}
