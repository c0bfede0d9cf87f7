//! `GET /credit/recharge`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Credits, Error, Recharge};

/// How the caller's credit is topped up by itself.
#[utoipa::path(
    get, path = "/credit/recharge", tag = "billing",
    responses((status = OK, body = Recharge), (status = "4XX", body = problem::Body)),
)]
pub async fn show_recharge(State(credits): State<Credits>, caller: Caller) -> Result<Json<Recharge>, Error> {
    credits.recharge(caller.vendor()?).await.map(Json)
}
