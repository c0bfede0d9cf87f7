//! `PUT /payment-profile`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, PaymentProfile, PaymentProfileChange, Payments};

/// Says how the vendor is paid from now on.
#[utoipa::path(
    put, path = "/payment-profile", tag = "payments", request_body = PaymentProfileChange,
    responses((status = OK, body = PaymentProfile), (status = "4XX", body = problem::Body)),
)]
pub async fn change_profile(
    State(payments): State<Payments>,
    caller: Caller,
    Json(change): Json<PaymentProfileChange>,
) -> Result<Json<PaymentProfile>, Error> {
    payments.change_profile(&caller, &change).await.map(Json)
}
