//! `PUT /operator/providers/order`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::Voice;
use crate::providers::{Error, ProviderOrder, Providers};

/// Says in which order keys are tried. Gives all.
#[utoipa::path(
    put, path = "/operator/providers/order", tag = "operator", request_body = ProviderOrder,
    responses((status = OK, body = Providers), (status = "4XX", body = problem::Body)),
)]
pub async fn order_provider_keys(
    State(voice): State<Voice>,
    caller: Caller,
    Json(asked): Json<ProviderOrder>,
) -> Result<Json<Providers>, Error> {
    voice.order_provider_keys(&caller, &asked).await.map(Json)
}
