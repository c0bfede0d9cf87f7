//! `POST /operator/reconciliations/files`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Query};
use platform::{Problem, problem};

use crate::reconcile::file::FileQuery;
use crate::{Payments, SettlementFile};

/// Takes in a file of settlement lines, all of it or nothing; who and why is kept with it.
#[utoipa::path(
    post, path = "/operator/reconciliations/files", tag = "operator", params(FileQuery),
    request_body(content = String, content_type = "text/csv", description = "Lines below the names of the columns; or, as `application/zip`, an archive with one such file."),
    responses((status = CREATED, body = SettlementFile), (status = "4XX", body = problem::Body)),
)]
pub async fn take_settlement_file(
    State(payments): State<Payments>,
    caller: Caller,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<SettlementFile>), Problem> {
    let table = payments.table(&headers, body?).await?;
    let gateway = query.gateway.as_deref();
    let why = OperatorReason { reason: query.reason };
    let taken = payments.take_settlement_file(&caller, &table, gateway, &why).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}
