//! `PUT /credit/members/{person}/limit`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::credit::{MemberSpending, NewMemberLimit};
use crate::{Credits, Error};

/// Says what a member may spend in a month; without a limit, as much as there is.
#[utoipa::path(
    put, path = "/credit/members/{person}/limit", tag = "billing", request_body = NewMemberLimit,
    params(("person" = PersonId, Path)),
    responses((status = OK, body = Vec<MemberSpending>), (status = "4XX", body = problem::Body)),
)]
pub async fn limit_member(
    State(credits): State<Credits>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(new): Json<NewMemberLimit>,
) -> Result<Json<Vec<MemberSpending>>, Error> {
    credits.limit_member(&caller, person, new).await.map(Json)
}
