//! `GET /operator/commission`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{CommissionBook, Error, Payments};

/// What the platform keeps of sales: every rule, past and coming ones too.
#[utoipa::path(
    get, path = "/operator/commission", tag = "operator",
    responses((status = OK, body = CommissionBook), (status = "4XX", body = problem::Body)),
)]
pub async fn show_commission(
    State(payments): State<Payments>,
    caller: Caller,
) -> Result<Json<CommissionBook>, Error> {
    payments.commission_book(&caller).await.map(Json)
}
