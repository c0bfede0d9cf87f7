//! `GET /operator/prices`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Credits, Error, WorkPrice};

/// Every price of providers' work, past and coming ones too: those that begin last first.
#[utoipa::path(
    get, path = "/operator/prices", tag = "operator",
    responses((status = OK, body = Vec<WorkPrice>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_prices(
    State(credits): State<Credits>,
    caller: Caller,
) -> Result<Json<Vec<WorkPrice>>, Error> {
    credits.prices(&caller).await.map(Json)
}
