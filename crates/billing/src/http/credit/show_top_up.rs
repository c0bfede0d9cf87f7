//! `GET /credit/top-ups/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TopUpId;

use crate::{Credits, Error, TopUp};

/// One of the caller's top-ups, with how it can be paid.
#[utoipa::path(
    get, path = "/credit/top-ups/{id}", tag = "billing", params(("id" = TopUpId, Path, description = "The top-up.")),
    responses((status = OK, body = TopUp), (status = "4XX", body = problem::Body)),
)]
pub async fn show_top_up(
    State(credits): State<Credits>,
    caller: Caller,
    Path(top_up): Path<TopUpId>,
) -> Result<Json<TopUp>, Error> {
    credits.top_up(caller.vendor()?, top_up).await.map(Json)
}
