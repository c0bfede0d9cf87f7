//! `POST /team/leave`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::{Caller, Error, Identity, Person, SetCookie};

/// Leaves the business that the caller acts for, and goes over to another of theirs, where there is one.
#[utoipa::path(
    post, path = "/team/leave", tag = "identity",
    responses((status = OK, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn leave_team(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<(SetCookie, Json<Person>), Error> {
    let (person, cookie) = identity.leave_team(&caller).await?;
    Ok((cookie, Json(person)))
}
