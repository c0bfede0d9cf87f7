//! `DELETE /team/members/{person}`

use axum::extract::State;
use axum::http::StatusCode;
use platform::extract::Path;
use platform::problem;
use types::PersonId;

use crate::{Caller, Error, Identity};

/// Removes a member; their sessions for this business end at once.
#[utoipa::path(
    delete, path = "/team/members/{person}", tag = "identity", params(("person" = PersonId, Path)),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn remove_member(
    State(identity): State<Identity>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<StatusCode, Error> {
    identity.remove_member(&caller, person).await?;
    Ok(StatusCode::NO_CONTENT)
}
