//! `GET /me/grievances`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::export::Whose;
use crate::{Error, Grievances, Privacy};

/// The caller's complaints about what is done with their data, newest first, and who answers them.
#[utoipa::path(
    get, path = "/me/grievances", tag = "privacy",
    responses((status = OK, body = Grievances), (status = "4XX", body = problem::Body)),
)]
pub async fn list_grievances(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<Json<Grievances>, Error> {
    privacy.grievances_of(&Whose::person(&caller)?).await.map(Json)
}
