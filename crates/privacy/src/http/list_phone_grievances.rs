//! `GET /passes/grievances`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::export::Whose;
use crate::{Error, Grievances, Privacy};

/// The complaints that came from this phone, newest first, and who answers them.
#[utoipa::path(
    get, path = "/passes/grievances", tag = "privacy",
    responses((status = OK, body = Grievances), (status = "4XX", body = problem::Body)),
)]
pub async fn list_phone_grievances(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<Json<Grievances>, Error> {
    privacy.grievances_of(&Whose::phone(&caller)?).await.map(Json)
}
