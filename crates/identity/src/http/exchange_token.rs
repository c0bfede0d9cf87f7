//! `POST /tokens/exchanges`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Json;
use platform::problem;

use crate::app_token::{TokenExchange, Tokens};
use crate::{Caller, Error, Identity};

/// Exchanges a token for the next two, once; for ten seconds with the same answer.
#[utoipa::path(
    post, path = "/tokens/exchanges", tag = "identity", request_body = TokenExchange,
    responses((status = CREATED, body = Tokens), (status = "4XX", body = problem::Body)),
)]
pub async fn exchange_token(
    State(identity): State<Identity>,
    caller: Caller,
    Json(given): Json<TokenExchange>,
) -> Result<(StatusCode, Json<Tokens>), Error> {
    Ok((StatusCode::CREATED, Json(identity.exchange_token(&caller, &given).await?)))
}
