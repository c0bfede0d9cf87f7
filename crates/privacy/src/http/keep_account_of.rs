//! `POST /operator/accounts/{person}/restore`

use axum::extract::State;
use axum::http::StatusCode;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::{Error, Privacy};

/// Keeps somebody's account after all, on the operator's word that the person wants it.
#[utoipa::path(
    post, path = "/operator/accounts/{person}/restore", tag = "privacy", request_body = OperatorReason,
    params(("person" = PersonId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn keep_account_of(
    State(privacy): State<Privacy>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(why): Json<OperatorReason>,
) -> Result<StatusCode, Error> {
    privacy.keep_account_of(&caller, person, &why).await?;
    Ok(StatusCode::NO_CONTENT)
}
