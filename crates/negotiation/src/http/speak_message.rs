//! `GET /visits/{id}/messages/{message}/speech`

use axum::extract::State;
use identity::Caller;
use platform::extract::Path;
use platform::problem;
use types::{MessageId, VisitId};

use crate::room::Party;
use crate::speech::Sound;
use crate::{Error, Negotiation};

/// A message spoken in the caller's language; the sound is synthetic and labelled so.
#[utoipa::path(
    get, path = "/visits/{id}/messages/{message}/speech", tag = "visits",
    params(
        ("id" = VisitId, Path, description = "The visit."),
        ("message" = MessageId, Path, description = "The message."),
    ),
    responses((status = OK, body = Vec<u8>, content_type = "audio/ogg"), (status = "4XX", body = problem::Body)),
)]
pub async fn speak_message(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path((visit, message)): Path<(VisitId, MessageId)>,
) -> Result<Sound, Error> {
    negotiation.speak_message(Party::of(&caller, visit)?, message).await
}
