//! `POST /credit/top-ups`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::credit::NewTopUp;
use crate::{Credits, Error, TopUp};

/// Asks for the money of a top-up; the ways to pay it come with the news of it.
#[utoipa::path(
    post, path = "/credit/top-ups", tag = "billing", request_body = NewTopUp,
    responses((status = CREATED, body = TopUp), (status = "4XX", body = problem::Body)),
)]
pub async fn start_top_up(
    State(credits): State<Credits>,
    caller: Caller,
    Json(new): Json<NewTopUp>,
) -> Result<(StatusCode, Json<TopUp>), Error> {
    let top_up = credits.start_top_up(caller.vendor()?, &new).await?;
    Ok((StatusCode::CREATED, Json(top_up)))
}
