//! `GET /businesses`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::business::Businesses;
use crate::{Caller, Error, Identity};

/// The businesses that the caller belongs to.
#[utoipa::path(
    get, path = "/businesses", tag = "identity",
    responses((status = OK, body = Businesses), (status = "4XX", body = problem::Body)),
)]
pub async fn list_businesses(
    State(identity): State<Identity>,
    caller: Caller,
) -> Result<Json<Businesses>, Error> {
    identity.businesses(&caller).await.map(Json)
}
