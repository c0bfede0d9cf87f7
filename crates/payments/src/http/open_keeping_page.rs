//! `POST /payment-methods/pages`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::keeping::{KeepingPage, NewKeepingPage};
use crate::{Error, Payments};

/// Asks a gateway for a page on which a card is kept without paying.
#[utoipa::path(
    post, path = "/payment-methods/pages", tag = "payments",
    request_body = NewKeepingPage,
    responses((status = CREATED, body = KeepingPage), (status = "4XX", body = problem::Body)),
)]
pub async fn open_keeping_page(
    State(payments): State<Payments>,
    caller: Caller,
    Json(new): Json<NewKeepingPage>,
) -> Result<(StatusCode, Json<KeepingPage>), Error> {
    let page = payments.open_keeping_page(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(page)))
}
