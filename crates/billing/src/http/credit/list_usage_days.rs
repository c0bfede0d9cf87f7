//! `GET /credit/usage/days`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Credits, Error, UsageDay};

/// What the caller used in the last thirty days, by day (in India) and kind, the newest day first.
#[utoipa::path(
    get, path = "/credit/usage/days", tag = "billing",
    responses((status = OK, body = Vec<UsageDay>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_usage_days(
    State(credits): State<Credits>,
    caller: Caller,
) -> Result<Json<Vec<UsageDay>>, Error> {
    credits.usage_days(caller.vendor()?).await.map(Json)
}
