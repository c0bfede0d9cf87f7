//! `GET /disputes/{id}/evidence.pdf`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use identity::Caller;
use payments::DisputeId;
use platform::extract::Path;
use platform::problem;

use crate::{Error, Orders};

/// The sheet that would be sent to the buyer's bank, before anything is sent.
#[utoipa::path(
    get, path = "/disputes/{id}/evidence.pdf", tag = "disputes", params(("id" = DisputeId, Path)),
    responses(
        (status = OK, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = problem::Body), (status = SERVICE_UNAVAILABLE, body = problem::Body),
    ),
)]
pub async fn show_evidence_pdf(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<DisputeId>,
) -> Result<Response, Error> {
    let sheet = orders.evidence_sheet(&caller, id).await?;
    let headers = [
        (CONTENT_TYPE, "application/pdf"),
        (CONTENT_DISPOSITION, "inline; filename=\"evidence.pdf\""),
        (CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, sheet).into_response())
}
