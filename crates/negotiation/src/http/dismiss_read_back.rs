//! `POST /visits/{id}/read-backs/{read_back}/dismiss`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Path;
use platform::problem;
use types::{ReadBackId, VisitId};

use crate::room::Party;
use crate::{Error, Negotiation};

/// Answers a question with no: nothing was said.
#[utoipa::path(
    post, path = "/visits/{id}/read-backs/{read_back}/dismiss", tag = "visits",
    params(
        ("id" = VisitId, Path, description = "The visit."),
        ("read_back" = ReadBackId, Path, description = "The question."),
    ),
    responses((status = NO_CONTENT), (status = "4XX", body = problem::Body)),
)]
pub async fn dismiss_read_back(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path((visit, read_back)): Path<(VisitId, ReadBackId)>,
) -> Result<StatusCode, Error> {
    negotiation.dismiss(Party::of(&caller, visit)?, read_back).await?;
    Ok(StatusCode::NO_CONTENT)
}
