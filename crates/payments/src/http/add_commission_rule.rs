//! `POST /operator/commission`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{CommissionRule, Error, NewCommissionRule, Payments};

/// Writes a rule into the commission book.
#[utoipa::path(
    post, path = "/operator/commission", tag = "operator", request_body = NewCommissionRule,
    responses((status = CREATED, body = CommissionRule), (status = "4XX", body = problem::Body)),
)]
pub async fn add_commission_rule(
    State(payments): State<Payments>,
    caller: Caller,
    Json(new): Json<NewCommissionRule>,
) -> Result<(StatusCode, Json<CommissionRule>), Error> {
    let rule = payments.add_commission_rule(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(rule)))
}
