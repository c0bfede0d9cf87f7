//! `GET /orders/{id}/document.pdf`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::extract::{Path, Query};
use platform::problem;
use types::OrderId;

use crate::shelf::PdfQuery;
use crate::{Billing, Error};

/// A document of an order as PDF, in a language and English.
#[utoipa::path(
    get, path = "/orders/{id}/document.pdf", tag = "billing",
    params(("id" = OrderId, Path, description = "The order"), PdfQuery),
    responses(
        (status = OK, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = problem::Body), (status = SERVICE_UNAVAILABLE, body = problem::Body),
    ),
)]
pub async fn show_document_pdf(
    State(billing): State<Billing>,
    caller: Caller,
    Path(order): Path<OrderId>,
    Query(wanted): Query<PdfQuery>,
) -> Result<Response, Error> {
    let pdf = billing.pdf(&caller, order, wanted).await?;
    // A number is of letters, digits, hyphens and slashes.
    let name = pdf.document.number.replace('/', "-");
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, pdf.bytes).into_response())
}
