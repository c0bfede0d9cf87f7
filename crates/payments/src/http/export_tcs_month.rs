//! `GET /operator/tcs/{month}/csv`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use identity::Caller;
use platform::extract::Path;
use platform::problem;

use crate::{Error, Payments};

/// What was collected at source in a month in India as a table, in rupees, by the columns of the monthly return.
#[utoipa::path(
    get, path = "/operator/tcs/{month}/csv", tag = "operator",
    params(("month" = String, Path, description = "The month in India: `2026-11`.")),
    responses((status = OK, body = String, content_type = "text/csv"), (status = "4XX", body = problem::Body)),
)]
pub async fn export_tcs_month(
    State(payments): State<Payments>,
    caller: Caller,
    Path(month): Path<String>,
) -> Result<impl IntoResponse, Error> {
    let file = payments.tcs_month_file(&caller, &month).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"tcs.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, file))
}
