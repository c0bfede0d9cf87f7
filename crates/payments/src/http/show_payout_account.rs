//! `GET /payout-account`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Payments, PayoutAccount};

/// Where the vendor is paid out to.
#[utoipa::path(
    get, path = "/payout-account", tag = "payments",
    responses((status = OK, body = PayoutAccount), (status = "4XX", body = problem::Body)),
)]
pub async fn show_payout_account(
    State(payments): State<Payments>,
    caller: Caller,
) -> Result<Json<PayoutAccount>, Error> {
    payments.payout_account(&caller).await.map(Json)
}
