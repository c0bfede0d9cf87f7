//! `POST /visits/{id}/messages`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::{ProductId, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::message::Via;
use crate::room::Party;
use crate::talk::{Said, Utterance};
use crate::{Error, Negotiation};

/// Something to be said.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewMessage {
    /// The sender's own id for it: the same id with the same words answers as the first time.
    client_id: Uuid,
    /// The words, at most 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    text: String,
    /// The product on the speaker's screen.
    product_id: Option<ProductId>,
    /// How the words were entered.
    via: EnteredVia,
}

/// How words were entered.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum EnteredVia {
    /// Written.
    Typed,
    /// Spoken, recognised by the speaker's browser.
    Browser,
}

/// Says something. What is understood as an offer is shown to the other side as being confirmed and read back.
#[utoipa::path(
    post, path = "/visits/{id}/messages", tag = "visits", request_body = NewMessage,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = CREATED, body = Said), (status = "4XX", body = problem::Body)),
)]
pub async fn send_message(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(new): Json<NewMessage>,
) -> Result<(StatusCode, Json<Said>), Error> {
    let via = match new.via {
        EnteredVia::Typed => Via::Typed,
        EnteredVia::Browser => Via::Browser,
    };
    let utterance = Utterance { client_id: new.client_id, text: new.text, product: new.product_id, via };
    let said = negotiation.say(Party::of(&caller, visit)?, &utterance).await?;
    Ok((StatusCode::CREATED, Json(said)))
}
