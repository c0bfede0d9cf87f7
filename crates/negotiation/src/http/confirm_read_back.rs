//! `POST /visits/{id}/read-backs/{read_back}/confirm`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::{ReadBackId, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bargain::Settled;
use crate::room::Party;
use crate::{Error, Negotiation};

/// The answer to a question.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Confirmation {
    /// The sender's own id for it.
    client_id: Uuid,
    /// The place of the chosen answer, from 0; left out for yes.
    choice: Option<u8>,
}

/// Answers a question with yes or one of its choices. This binds.
#[utoipa::path(
    post, path = "/visits/{id}/read-backs/{read_back}/confirm", tag = "visits", request_body = Confirmation,
    params(
        ("id" = VisitId, Path, description = "The visit."),
        ("read_back" = ReadBackId, Path, description = "The question."),
    ),
    responses((status = OK, body = Settled), (status = "4XX", body = problem::Body)),
)]
pub async fn confirm_read_back(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path((visit, read_back)): Path<(VisitId, ReadBackId)>,
    Json(answer): Json<Confirmation>,
) -> Result<Json<Settled>, Error> {
    let choice = answer.choice.map(usize::from);
    negotiation.confirm(Party::of(&caller, visit)?, read_back, choice, answer.client_id).await.map(Json)
}
