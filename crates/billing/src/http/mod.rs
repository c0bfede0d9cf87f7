//! One endpoint a file.

pub(crate) mod credit;
pub(crate) mod plans;

mod change_tax_profile;
mod list_documents;
mod show_document;
mod show_document_pdf;
mod show_e_invoice;
mod show_tax_profile;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Billing;

/// A tax profile is not longer.
const BODY_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Billing> {
    OpenApiRouter::new()
        .routes(routes!(list_documents::list_documents))
        .routes(routes!(show_document::show_document))
        .routes(routes!(show_document_pdf::show_document_pdf))
        .routes(routes!(show_e_invoice::show_e_invoice))
        .routes(routes!(show_tax_profile::show_tax_profile, change_tax_profile::change_tax_profile))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
