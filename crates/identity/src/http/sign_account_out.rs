//! `POST /operator/accounts/{person}/sign-out`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::{Caller, Error, Identity, OperatorReason};

/// Ends every session of somebody, who can sign in again.
#[utoipa::path(
    post, path = "/operator/accounts/{person}/sign-out", tag = "operator", request_body = OperatorReason,
    params(("person" = PersonId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn sign_account_out(
    State(identity): State<Identity>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(why): Json<OperatorReason>,
) -> Result<StatusCode, Error> {
    identity.sign_account_out(&caller, person, &why).await?;
    Ok(StatusCode::NO_CONTENT)
}
