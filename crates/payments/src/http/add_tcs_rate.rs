//! `POST /operator/tcs`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Error, NewTcsRate, Payments, TcsRate};

/// Writes a rate at which tax is collected at source.
#[utoipa::path(
    post, path = "/operator/tcs", tag = "operator", request_body = NewTcsRate,
    responses((status = CREATED, body = TcsRate), (status = "4XX", body = problem::Body)),
)]
pub async fn add_tcs_rate(
    State(payments): State<Payments>,
    caller: Caller,
    Json(new): Json<NewTcsRate>,
) -> Result<(StatusCode, Json<TcsRate>), Error> {
    let rate = payments.add_tcs_rate(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(rate)))
}
