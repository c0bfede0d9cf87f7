//! `POST /operator/prices`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::credit::NewPrice;
use crate::{Credits, Error, WorkPrice};

/// Puts a price on a provider's work, from now or a later moment on. Work under way costs what it cost when it began.
#[utoipa::path(
    post, path = "/operator/prices", tag = "operator", request_body = NewPrice,
    responses((status = CREATED, body = WorkPrice), (status = "4XX", body = problem::Body)),
)]
pub async fn add_price(
    State(credits): State<Credits>,
    caller: Caller,
    Json(new): Json<NewPrice>,
) -> Result<(StatusCode, Json<WorkPrice>), Error> {
    let price = credits.add_price(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(price)))
}
