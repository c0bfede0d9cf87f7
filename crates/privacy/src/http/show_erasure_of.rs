//! `GET /operator/accounts/{person}/erasure`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::{ErasurePlan, Error, Privacy};

/// How far the erasure of somebody's account is, and what stands in its way.
#[utoipa::path(
    get, path = "/operator/accounts/{person}/erasure", tag = "privacy",
    params(("person" = PersonId, Path)),
    responses((status = OK, body = ErasurePlan), (status = "4XX", body = problem::Body)),
)]
pub async fn show_erasure_of(
    State(privacy): State<Privacy>,
    caller: Caller,
    Path(person): Path<PersonId>,
) -> Result<Json<ErasurePlan>, Error> {
    privacy.erasure_plan_of(&caller, person).await.map(Json)
}
