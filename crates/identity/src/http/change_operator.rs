//! `PUT /operator/people/{person}`

use axum::extract::State;
use platform::extract::{Json, Path};
use platform::problem;
use types::PersonId;

use crate::operators::{Operator, OperatorChange};
use crate::{Caller, Error, Identity};

/// Changes what somebody who runs the installation may do.
#[utoipa::path(
    put, path = "/operator/people/{person}", tag = "operator", request_body = OperatorChange,
    params(("person" = PersonId, Path)),
    responses((status = OK, body = Operator), (status = "4XX", body = problem::Body)),
)]
pub async fn change_operator(
    State(identity): State<Identity>,
    caller: Caller,
    Path(person): Path<PersonId>,
    Json(change): Json<OperatorChange>,
) -> Result<Json<Operator>, Error> {
    identity.change_operator(&caller, person, &change).await.map(Json)
}
