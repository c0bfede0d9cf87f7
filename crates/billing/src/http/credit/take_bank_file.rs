//! `POST /operator/top-ups/bank-file`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Query};
use platform::{Problem, problem};

use crate::credit::BankFileQuery;
use crate::{BankFile, Credits, Error};

/// Takes in what came into the platform's bank account, all of it or nothing; it suggests which top-ups are paid.
#[utoipa::path(
    post, path = "/operator/top-ups/bank-file", tag = "operator", params(BankFileQuery),
    request_body(content = String, content_type = "text/csv", description = "Lines below the names of the columns."),
    responses((status = CREATED, body = BankFile), (status = "4XX", body = problem::Body)),
)]
pub async fn take_bank_file(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<BankFileQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<BankFile>), Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")) {
        return Err(Error::Payments(payments::Error::FileKind).into());
    }
    let why = OperatorReason { reason: query.reason };
    let taken = credits.take_bank_file(&caller, &body?, &why).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}
