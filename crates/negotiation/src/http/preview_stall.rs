//! `POST /stall-previews`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::StallPreview;
use crate::{Error, Negotiation};

/// A stall's code, as it was scanned.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ScannedCode {
    /// The last part of the code's address.
    #[schema(max_length = 400)]
    token: String,
}

/// What a scanned code leads to, before anybody enters.
#[utoipa::path(
    post, path = "/stall-previews", tag = "visits", request_body = ScannedCode,
    responses((status = OK, body = StallPreview), (status = "4XX", body = problem::Body)),
)]
pub async fn preview_stall(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Json(code): Json<ScannedCode>,
) -> Result<Json<StallPreview>, Error> {
    negotiation.preview_stall(&caller, &code.token).await.map(Json)
}
