//! `GET /visits/{id}/read-backs/{read_back}/speech`

use axum::extract::State;
use identity::Caller;
use platform::extract::Path;
use platform::problem;
use types::{ReadBackId, VisitId};

use crate::room::Party;
use crate::speech::Sound;
use crate::{Error, Negotiation};

/// A question spoken in the caller's language; the sound is synthetic and labelled so.
#[utoipa::path(
    get, path = "/visits/{id}/read-backs/{read_back}/speech", tag = "visits",
    params(
        ("id" = VisitId, Path, description = "The visit."),
        ("read_back" = ReadBackId, Path, description = "The question."),
    ),
    responses((status = OK, body = Vec<u8>, content_type = "audio/ogg"), (status = "4XX", body = problem::Body)),
)]
pub async fn speak_read_back(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path((visit, read_back)): Path<(VisitId, ReadBackId)>,
) -> Result<Sound, Error> {
    negotiation.speak_read_back(Party::of(&caller, visit)?, read_back).await
}
