//! `POST /credit/refunds`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::credit::NewCreditRefund;
use crate::{CreditRefund, Credits, Error};

/// Has unspent paid credit given back to where it was paid from; one refund for each top-up that it came with.
#[utoipa::path(
    post, path = "/credit/refunds", tag = "billing", request_body = NewCreditRefund,
    responses((status = CREATED, body = Vec<CreditRefund>), (status = "4XX", body = problem::Body)),
)]
pub async fn ask_refund(
    State(credits): State<Credits>,
    caller: Caller,
    Json(new): Json<NewCreditRefund>,
) -> Result<(StatusCode, Json<Vec<CreditRefund>>), Error> {
    let refunds = credits.ask_refund(caller.vendor()?, &new).await?;
    Ok((StatusCode::CREATED, Json(refunds)))
}
