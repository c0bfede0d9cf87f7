//! `POST /operator/reconciliations/bank-files`

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Query};
use platform::{Problem, problem};

use crate::reconcile::statement::StatementQuery;
use crate::{BankStatement, Payments};

/// Takes in a file of the platform's bank account, all of it or nothing; who and why is kept with it.
#[utoipa::path(
    post, path = "/operator/reconciliations/bank-files", tag = "operator", params(StatementQuery),
    request_body(content = String, content_type = "text/csv", description = "Lines below the names of the columns; or, as `application/zip`, an archive with one such file."),
    responses((status = CREATED, body = BankStatement), (status = "4XX", body = problem::Body)),
)]
pub async fn take_bank_statement(
    State(payments): State<Payments>,
    caller: Caller,
    Query(query): Query<StatementQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<BankStatement>), Problem> {
    let table = payments.table(&headers, body?).await?;
    let why = OperatorReason { reason: query.reason };
    let taken = payments.take_bank_statement(&caller, &table, &why).await?;
    Ok((StatusCode::CREATED, Json(taken)))
}
