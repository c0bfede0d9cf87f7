//! `GET /visits/{id}/messages/{message}/recording`

use axum::extract::State;
use identity::Caller;
use platform::extract::Path;
use platform::problem;
use types::{MessageId, VisitId};

use crate::room::Party;
use crate::speech::Sound;
use crate::{Error, Negotiation};

/// The kept original of a message, for both sides of its visit.
#[utoipa::path(
    get, path = "/visits/{id}/messages/{message}/recording", tag = "visits",
    params(
        ("id" = VisitId, Path, description = "The visit."),
        ("message" = MessageId, Path, description = "The message."),
    ),
    responses((status = OK, body = Vec<u8>, content_type = "audio/ogg"), (status = "4XX", body = problem::Body)),
)]
pub async fn play_recording(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path((visit, message)): Path<(VisitId, MessageId)>,
) -> Result<Sound, Error> {
    negotiation.play_recording(Party::of(&caller, visit)?, message).await
}
