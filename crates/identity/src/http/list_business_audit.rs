//! `GET /audit`

use axum::extract::State;
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::audit::{AuditEntry, AuditQuery};
use crate::{Caller, Error, Identity};

/// What was done to the caller's business, and who looked at its data, newest first.
#[utoipa::path(
    get, path = "/audit", tag = "identity", params(AuditQuery),
    responses((status = OK, body = Page<AuditEntry>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_business_audit(
    State(identity): State<Identity>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>, Error> {
    identity.audit_of_business(&caller, query).await.map(Json)
}
