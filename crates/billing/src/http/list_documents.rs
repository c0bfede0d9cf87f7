//! `GET /documents`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Billing, Document, Error};

/// Documents, newest first: a vendor's issued ones and those of the vendor's plan, a buyer's received ones.
#[utoipa::path(
    get, path = "/documents", tag = "billing", params(PageQuery),
    responses((status = OK, body = Page<Document>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_documents(
    State(billing): State<Billing>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Document>>, Error> {
    billing.documents(&caller, query).await.map(Json)
}
