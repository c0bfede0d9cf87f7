//! `POST /operator/top-ups/bank-file`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Query};
use platform::{Problem, problem};

use crate::credit::BankFileQuery;
use crate::{BankFile, Credits};

/// Takes in what came into the platform's bank account, all of it or nothing; it suggests which top-ups are paid.
#[utoipa::path(
    post, path = "/operator/top-ups/bank-file", tag = "operator", params(BankFileQuery),
    request_body(content = String, content_type = "text/csv", description = "Lines below the names of the columns; or, as `application/zip`, an archive with one such file."),
    responses((status = CREATED, body = BankFile), (status = "4XX", body = problem::Body)),
)]
pub async fn take_bank_file(
    State(credits): State<Credits>,
    caller: Caller,
    Query(query): Query<BankFileQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<BankFile>), Problem> {
    let table = credits.payments.table(&headers, body?).await?;
    let why = OperatorReason { reason: query.reason };
    let taken = credits.take_bank_file(&caller, &table, &why).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}
