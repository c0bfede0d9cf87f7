//! `POST /operator/grievances/{id}/answer`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use uuid::Uuid;

use crate::{Answer, Error, OperatorGrievance, Privacy};

/// Answers a complaint, once; whoever has an e-mail address is told.
#[utoipa::path(
    post, path = "/operator/grievances/{id}/answer", tag = "operator",
    params(("id" = Uuid, Path, description = "The complaint.")), request_body = Answer,
    responses((status = OK, body = OperatorGrievance), (status = "4XX", body = problem::Body)),
)]
pub async fn answer_grievance(
    State(privacy): State<Privacy>,
    caller: Caller,
    Path(grievance): Path<Uuid>,
    Json(answer): Json<Answer>,
) -> Result<Json<OperatorGrievance>, Error> {
    privacy.answer(&caller, grievance, &answer).await.map(Json)
}
