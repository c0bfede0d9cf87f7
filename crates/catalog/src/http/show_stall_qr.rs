//! `GET /stall/qr`

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Catalog, Error, StallQr};

/// A code that leads buyers to the caller's stall: a fresh one each time.
#[utoipa::path(
    get, path = "/stall/qr", tag = "catalog",
    responses((status = OK, body = StallQr), (status = "4XX", body = problem::Body)),
)]
pub async fn show_stall_qr(State(catalog): State<Catalog>, caller: Caller) -> Result<Response, Error> {
    let qr: StallQr = catalog.issue_qr(caller.vendor()?).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(qr)).into_response())
}
