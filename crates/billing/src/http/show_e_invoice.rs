//! `GET /documents/{id}/e-invoice`

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use axum::response::{IntoResponse, Response};
use identity::Caller;
use platform::extract::{Json, Path, Query};
use platform::problem;
use types::DocumentId;

use crate::e_invoice::{EInvoice, EInvoiceQuery};
use crate::{Billing, Error};

/// The reference of the document at every portal.
const IRN: &str = "x-invoice-reference-number";

/// The e-invoice of a document to a buyer with a GSTIN: INV-01, to be uploaded to an invoice registration portal. It is not
/// registered anywhere by this.
#[utoipa::path(
    get, path = "/documents/{id}/e-invoice", tag = "billing",
    params(("id" = DocumentId, Path, description = "The document"), EInvoiceQuery),
    responses(
        (status = OK, body = EInvoice, headers(
            ("x-invoice-reference-number" = String, description = "The reference that a portal will give it, the IRN"),
        )),
        (status = "4XX", body = problem::Body),
    ),
)]
pub async fn show_e_invoice(
    State(billing): State<Billing>,
    caller: Caller,
    Path(document): Path<DocumentId>,
    Query(wanted): Query<EInvoiceQuery>,
) -> Result<Response, Error> {
    let vendor = caller.vendor()?;
    let named = billing.e_invoice(vendor.tenant, document, wanted.version).await?;
    // A number is of letters, digits, hyphens and slashes.
    let name = named.number.replace('/', "-");
    let headers = [
        (CONTENT_DISPOSITION.as_str(), format!("attachment; filename=\"{name}.json\"")),
        (CACHE_CONTROL.as_str(), "private, no-store".to_owned()),
        (IRN, named.irn),
    ];
    Ok((headers, Json(named.e_invoice)).into_response())
}
