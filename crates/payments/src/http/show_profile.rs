//! `GET /payment-profile`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, PaymentProfile, Payments};

/// How the vendor is paid.
#[utoipa::path(
    get, path = "/payment-profile", tag = "payments",
    responses((status = OK, body = PaymentProfile), (status = "4XX", body = problem::Body)),
)]
pub async fn show_profile(
    State(payments): State<Payments>,
    caller: Caller,
) -> Result<Json<PaymentProfile>, Error> {
    payments.profile(&caller).await.map(Json)
}
