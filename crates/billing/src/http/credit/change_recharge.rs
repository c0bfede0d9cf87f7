//! `PUT /credit/recharge`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::credit::RechargeChange;
use crate::{Credits, Error, Recharge};

/// Has the caller's credit topped up by itself from the card that is used first, or no longer.
#[utoipa::path(
    put, path = "/credit/recharge", tag = "billing", request_body = RechargeChange,
    responses((status = OK, body = Recharge), (status = "4XX", body = problem::Body)),
)]
pub async fn change_recharge(
    State(credits): State<Credits>,
    caller: Caller,
    Json(change): Json<RechargeChange>,
) -> Result<Json<Recharge>, Error> {
    credits.change_recharge(caller.vendor()?, &change).await.map(Json)
}
