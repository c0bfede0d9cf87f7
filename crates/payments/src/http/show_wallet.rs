//! `GET /wallet`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::PageQuery;
use platform::problem;

use crate::{Error, Payments, Wallet};

/// What is owed to the vendor, and how it came to that.
#[utoipa::path(
    get, path = "/wallet", tag = "payments", params(PageQuery),
    responses((status = OK, body = Wallet), (status = "4XX", body = problem::Body)),
)]
pub async fn show_wallet(
    State(payments): State<Payments>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Wallet>, Error> {
    payments.wallet(&caller, query).await.map(Json)
}
