//! `PUT /me/consents/{purpose}`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;

use crate::consent::{Consents, Decision, Purpose};
use crate::{Caller, Error, Identity};

/// Agrees to a purpose, or takes it back.
#[utoipa::path(
    put, path = "/me/consents/{purpose}", tag = "privacy", request_body = Decision, params(("purpose" = Purpose, Path)),
    responses((status = OK, body = Consents), (status = "4XX", body = problem::Body)),
)]
pub async fn set_my_consent(
    State(identity): State<Identity>,
    caller: Caller,
    Path(purpose): Path<Purpose>,
    Json(decision): Json<Decision>,
) -> Result<Json<Consents>, Error> {
    identity.decide(&caller, purpose, decision).await.map(Json)
}
