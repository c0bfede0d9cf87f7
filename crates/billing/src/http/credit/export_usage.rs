//! `GET /credit/usage.csv`

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::problem;

use crate::{Credits, Error};

/// The caller's charges of the last year, newest first, as a table: at most 100,000.
#[utoipa::path(
    get, path = "/credit/usage.csv", tag = "billing",
    responses((status = OK, body = String, content_type = "text/csv"), (status = "4XX", body = problem::Body)),
)]
pub async fn export_usage(State(credits): State<Credits>, caller: Caller) -> Result<Response, Error> {
    let table = credits.export_usage(&caller.vendor()?);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"credit-usage.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(table)).into_response())
}
