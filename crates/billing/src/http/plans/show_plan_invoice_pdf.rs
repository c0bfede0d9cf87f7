//! `GET /plan/invoices/{id}/invoice.pdf`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::extract::{Path, Query};
use platform::problem;
use types::PlanInvoiceId;

use crate::plans::PlanPdfQuery;
use crate::{Error, Plans};

/// A paid invoice of the caller's plan as PDF, in a language and English.
#[utoipa::path(
    get, path = "/plan/invoices/{id}/invoice.pdf", tag = "billing",
    params(("id" = PlanInvoiceId, Path, description = "The invoice"), PlanPdfQuery),
    responses(
        (status = OK, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = problem::Body), (status = SERVICE_UNAVAILABLE, body = problem::Body),
    ),
)]
pub async fn show_plan_invoice_pdf(
    State(plans): State<Plans>,
    caller: Caller,
    Path(invoice): Path<PlanInvoiceId>,
    Query(wanted): Query<PlanPdfQuery>,
) -> Result<Response, Error> {
    let pdf = plans.invoice_pdf(caller.vendor()?, invoice, wanted.language).await?;
    let name = pdf.number.replace('/', "-");
    let headers = [
        (CONTENT_TYPE, "application/pdf".to_owned()),
        (CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, pdf.bytes).into_response())
}
