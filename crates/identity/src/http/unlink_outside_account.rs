//! `DELETE /me/outside-accounts/{account}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::OutsideAccountId;

use crate::{Caller, Error, Identity};

/// Unlinks one of the caller's accounts elsewhere: it signs in no more.
#[utoipa::path(
    delete, path = "/me/outside-accounts/{account}", tag = "identity", params(("account" = OutsideAccountId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn unlink_outside_account(
    State(identity): State<Identity>,
    caller: Caller,
    Path(account): Path<OutsideAccountId>,
) -> Result<StatusCode, Error> {
    identity.unlink_outside(&caller, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
