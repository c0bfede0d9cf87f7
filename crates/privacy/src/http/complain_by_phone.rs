//! `POST /passes/grievances`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::export::Whose;
use crate::{Error, Grievance, NewGrievance, Privacy};

/// Complains about what is done with what was said on this phone. Sent again it is the same complaint.
#[utoipa::path(
    post, path = "/passes/grievances", tag = "privacy", request_body = NewGrievance,
    responses((status = CREATED, body = Grievance), (status = "4XX", body = problem::Body)),
)]
pub async fn complain_by_phone(
    State(privacy): State<Privacy>,
    caller: Caller,
    Json(new): Json<NewGrievance>,
) -> Result<(StatusCode, Json<Grievance>), Error> {
    let grievance = privacy.complain(&Whose::phone(&caller)?, &new).await?;
    Ok((StatusCode::CREATED, Json(grievance)))
}
