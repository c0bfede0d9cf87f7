//! `PUT /credit/top-ups/{id}/utr`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::TopUpId;

use crate::credit::SaidPaid;
use crate::{Credits, Error, TopUp};

/// Says that a top-up is paid at the platform's own UPI id, under the bank's number; it is credit once the operator confirms it.
#[utoipa::path(
    put, path = "/credit/top-ups/{id}/utr", tag = "billing",
    params(("id" = TopUpId, Path, description = "The top-up")), request_body = SaidPaid,
    responses((status = OK, body = TopUp), (status = "4XX", body = problem::Body)),
)]
pub async fn say_paid(
    State(credits): State<Credits>,
    caller: Caller,
    Path(id): Path<TopUpId>,
    Json(said): Json<SaidPaid>,
) -> Result<Json<TopUp>, Error> {
    credits.say_paid(caller.vendor()?, id, &said).await.map(Json)
}
