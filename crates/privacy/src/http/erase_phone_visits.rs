//! `DELETE /passes`

use axum::extract::State;
use axum::http::StatusCode;
use identity::{Caller, SetCookie};
use platform::problem;

use crate::{Error, Privacy};

/// Erases what was said in the visits of this phone; stalls keep orders and papers.
#[utoipa::path(
    delete, path = "/passes", tag = "privacy",
    responses((status = ACCEPTED), (status = "4XX", body = problem::Body)),
)]
pub async fn erase_phone_visits(
    State(privacy): State<Privacy>,
    caller: Caller,
) -> Result<(SetCookie, StatusCode), Error> {
    let cookie = privacy.erase_visits_of(&caller).await?;
    Ok((cookie, StatusCode::ACCEPTED))
}
