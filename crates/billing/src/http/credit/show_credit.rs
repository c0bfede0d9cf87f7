//! `GET /credit`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Credit, Credits, Error};

/// The caller's prepaid credit: what is there, what is set aside, and what waits for more.
#[utoipa::path(
    get, path = "/credit", tag = "billing",
    responses((status = OK, body = Credit), (status = "4XX", body = problem::Body)),
)]
pub async fn show_credit(State(credits): State<Credits>, caller: Caller) -> Result<Json<Credit>, Error> {
    credits.credit(caller.vendor()?).await.map(Json)
}
