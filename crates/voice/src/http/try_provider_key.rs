//! `POST /operator/providers/{id}/try`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::ProviderKeyId;

use crate::Voice;
use crate::providers::{Error, Tried};

/// Calls the provider by this key with one word.
#[utoipa::path(
    post, path = "/operator/providers/{id}/try", tag = "operator",
    params(("id" = ProviderKeyId, Path, description = "The key.")),
    responses((status = OK, body = Tried), (status = "4XX", body = problem::Body)),
)]
pub async fn try_provider_key(
    State(voice): State<Voice>,
    caller: Caller,
    Path(id): Path<ProviderKeyId>,
) -> Result<Json<Tried>, Error> {
    voice.try_provider_key(&caller, id).await.map(Json)
}
