//! `PUT /operator/providers/{id}/enabled`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::ProviderKeyId;

use crate::Voice;
use crate::providers::{Error, ProviderChange, Providers};

/// Turns a key on or off. Gives all.
#[utoipa::path(
    put, path = "/operator/providers/{id}/enabled", tag = "operator", request_body = ProviderChange,
    params(("id" = ProviderKeyId, Path, description = "The key.")),
    responses((status = OK, body = Providers), (status = "4XX", body = problem::Body)),
)]
pub async fn change_provider_key(
    State(voice): State<Voice>,
    caller: Caller,
    Path(id): Path<ProviderKeyId>,
    Json(asked): Json<ProviderChange>,
) -> Result<Json<Providers>, Error> {
    voice.change_provider_key(&caller, id, &asked).await.map(Json)
}
