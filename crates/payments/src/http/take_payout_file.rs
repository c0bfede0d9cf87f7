//! `POST /operator/payout-runs/{id}/file`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use identity::Caller;
use platform::extract::Path;
use platform::problem;

use crate::{Error, Payments, PayoutRunId};

/// The list for the bank of a run's payouts that are made by hand, with whole account numbers; who took it is kept with the run.
#[utoipa::path(
    post, path = "/operator/payout-runs/{id}/file", tag = "operator",
    params(("id" = PayoutRunId, Path, description = "The run.")),
    responses((status = OK, body = String, content_type = "text/csv"), (status = "4XX", body = problem::Body)),
)]
pub async fn take_payout_file(
    State(payments): State<Payments>,
    caller: Caller,
    Path(run): Path<PayoutRunId>,
) -> Result<impl IntoResponse, Error> {
    let file = payments.payout_file(&caller, run).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"payouts.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, file.csv))
}
