//! `GET /operator/tcs`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, Payments, TcsBook};

/// At which rate tax is collected at source: every rate, past and coming ones too.
#[utoipa::path(
    get, path = "/operator/tcs", tag = "operator",
    responses((status = OK, body = TcsBook), (status = "4XX", body = problem::Body)),
)]
pub async fn show_tcs(State(payments): State<Payments>, caller: Caller) -> Result<Json<TcsBook>, Error> {
    payments.tcs_book(&caller).await.map(Json)
}
