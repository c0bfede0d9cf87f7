//! `PATCH /me`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::person::PersonChange;
use crate::{Caller, Error, Identity, Person};

/// Changes the caller's own name or language.
#[utoipa::path(
    patch, path = "/me", tag = "identity", request_body = PersonChange,
    responses((status = OK, body = Person), (status = "4XX", body = problem::Body)),
)]
pub async fn change_me(
    State(identity): State<Identity>,
    caller: Caller,
    Json(change): Json<PersonChange>,
) -> Result<Json<Person>, Error> {
    identity.change_person(&caller, &change).await.map(Json)
}
