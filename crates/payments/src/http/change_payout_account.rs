//! `PUT /payout-account`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, NewPayoutAccount, Payments, PayoutAccount};

/// Says where the vendor is paid out to from now on. Nothing is paid to an account that replaces another for 24 hours.
#[utoipa::path(
    put, path = "/payout-account", tag = "payments", request_body = NewPayoutAccount,
    responses((status = OK, body = PayoutAccount), (status = "4XX", body = problem::Body)),
)]
pub async fn change_payout_account(
    State(payments): State<Payments>,
    caller: Caller,
    Json(new): Json<NewPayoutAccount>,
) -> Result<Json<PayoutAccount>, Error> {
    payments.change_payout_account(&caller, &new).await.map(Json)
}
