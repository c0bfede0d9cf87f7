//! `GET /credit/members`

use axum::extract::State;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::credit::MemberSpending;
use crate::{Credits, Error};

/// What the members of the caller's business spent this month and may spend.
#[utoipa::path(
    get, path = "/credit/members", tag = "billing",
    responses((status = OK, body = Vec<MemberSpending>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_member_spending(
    State(credits): State<Credits>,
    caller: Caller,
) -> Result<Json<Vec<MemberSpending>>, Error> {
    credits.member_spending(&caller).await.map(Json)
}
