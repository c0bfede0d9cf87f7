//! `PUT /passes/consents/{purpose}`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;

use crate::consent::{Consents, Decision, Purpose};
use crate::{Caller, Error, Identity};

/// Agrees to a purpose for all visits of this phone, or takes it back.
#[utoipa::path(
    put, path = "/passes/consents/{purpose}", tag = "privacy", request_body = Decision, params(("purpose" = Purpose, Path)),
    responses((status = OK, body = Consents), (status = "4XX", body = problem::Body)),
)]
pub async fn set_phone_consent(
    State(identity): State<Identity>,
    caller: Caller,
    Path(purpose): Path<Purpose>,
    Json(decision): Json<Decision>,
) -> Result<Json<Consents>, Error> {
    identity.decide_for_phone(&caller, purpose, decision).await.map(Json)
}
