//! `POST /visits/{id}/recordings`

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use identity::Caller;
use platform::Problem;
use platform::extract::{Json, Path, Query};
use platform::problem;
use types::VisitId;

use crate::Negotiation;
use crate::recording::NewRecording;
use crate::room::Party;
use crate::view::MessageView;

/// Says something aloud: the audio is the body. What was heard follows as events.
#[utoipa::path(
    post, path = "/visits/{id}/recordings", tag = "visits",
    request_body(content = String, content_type = "application/octet-stream"),
    params(("id" = VisitId, Path, description = "The visit."), NewRecording),
    responses((status = ACCEPTED, body = MessageView), (status = "4XX", body = problem::Body)),
)]
pub async fn send_recording(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Query(new): Query<NewRecording>,
    request: Request,
) -> Result<(StatusCode, Json<MessageView>), Problem> {
    // Megabytes are read of those alone who may speak here.
    let party = Party::of(&caller, visit)?;
    // They may be seconds under way, and a socket that is down has announced nobody.
    negotiation.expect_speech(party);
    let bytes = Bytes::from_request(request, &()).await?;
    let message = negotiation.take_recording(party, new, bytes).await?;
    Ok((StatusCode::ACCEPTED, Json(message)))
}
