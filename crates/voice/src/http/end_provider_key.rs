//! `POST /operator/providers/{id}/end`

use axum::extract::State;
use identity::{Caller, OperatorReason};
use platform::extract::{Json, Path};
use platform::problem;
use types::ProviderKeyId;

use crate::Voice;
use crate::providers::{Error, Providers};

/// Ends a key, whose secret is gone then. Gives those that are left.
#[utoipa::path(
    post, path = "/operator/providers/{id}/end", tag = "operator", request_body = OperatorReason,
    params(("id" = ProviderKeyId, Path, description = "The key.")),
    responses((status = OK, body = Providers), (status = "4XX", body = problem::Body)),
)]
pub async fn end_provider_key(
    State(voice): State<Voice>,
    caller: Caller,
    Path(id): Path<ProviderKeyId>,
    Json(asked): Json<OperatorReason>,
) -> Result<Json<Providers>, Error> {
    voice.end_provider_key(&caller, id, &asked).await.map(Json)
}
