//! `POST /credit/settlements`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::credit::{DebtSettlement, NewDebtSettlement};
use crate::{Credits, Error};

/// Pays what the business owes the platform from its paid credit: commission on sales that were paid to it directly, and what went back to
/// buyers after it was paid out.
#[utoipa::path(
    post, path = "/credit/settlements", tag = "billing", request_body = NewDebtSettlement,
    responses((status = CREATED, body = DebtSettlement), (status = "4XX", body = problem::Body)),
)]
pub async fn settle_debt(
    State(credits): State<Credits>,
    caller: Caller,
    Json(new): Json<NewDebtSettlement>,
) -> Result<(StatusCode, Json<DebtSettlement>), Error> {
    let settlement = credits.settle(caller.vendor()?, &new).await?;
    Ok((StatusCode::CREATED, Json(settlement)))
}
