//! `GET /operator/audit`

use axum::extract::State;
use platform::extract::{Json, Query};
use platform::page::Page;
use platform::problem;

use crate::audit::{AuditEntry, OperatorAuditQuery};
use crate::{Caller, Error, Identity};

/// What was done in the installation and to every business, newest first.
#[utoipa::path(
    get, path = "/operator/audit", tag = "operator", params(OperatorAuditQuery),
    responses((status = OK, body = Page<AuditEntry>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_audit(
    State(identity): State<Identity>,
    caller: Caller,
    Query(query): Query<OperatorAuditQuery>,
) -> Result<Json<Page<AuditEntry>>, Error> {
    identity.audit(&caller, query).await.map(Json)
}
