//! `PUT /operator/accounts/{person}/lock`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::accounts::{AccountFound, LockChange};
use crate::{Caller, Error, Identity};

/// Locks somebody out, whose sessions end, or lets them in again.
#[utoipa::path(
    put, path = "/operator/accounts/{person}/lock", tag = "operator", request_body = LockChange,
    params(("person" = PersonId, Path)),
    responses((status = OK, body = AccountFound), (status = "4XX", body = problem::Body)),
)]
pub async fn lock_account(
    State(identity): State<Identity>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(change): Json<LockChange>,
) -> Result<Json<AccountFound>, Error> {
    identity.lock_account(&caller, person, &change).await.map(Json)
}
