//! `POST /operator/reconciliations/files`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Query};
use platform::{Problem, problem};

use crate::reconcile::file::FileQuery;
use crate::{Error, Payments, SettlementFile};

/// Takes in a file of settlement lines, all of it or nothing; who and why is kept with it.
#[utoipa::path(
    post, path = "/operator/reconciliations/files", tag = "operator", params(FileQuery),
    request_body(content = String, content_type = "text/csv", description = "Lines below the names of the columns."),
    responses((status = CREATED, body = SettlementFile), (status = "4XX", body = problem::Body)),
)]
pub async fn take_settlement_file(
    State(payments): State<Payments>,
    caller: Caller,
    Query(query): Query<FileQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<SettlementFile>), Problem> {
    expect_csv(&headers)?;
    let gateway = query.gateway.as_deref();
    let why = OperatorReason { reason: query.reason };
    let taken = payments.take_settlement_file(&caller, &body?, gateway, &why).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}

/// Refuses a body that does not say that it is comma-separated values.
pub(super) fn expect_csv(headers: &HeaderMap) -> Result<(), Error> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_csv = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv"));
    if is_csv { Ok(()) } else { Err(Error::FileKind) }
}
