//! `POST /operator/people`

use axum::extract::State;
use platform::extract::Json;
use platform::problem;

use crate::operators::{NewOperator, Operator};
use crate::{Caller, Error, Identity};

/// Has somebody with an account run the installation.
#[utoipa::path(
    post, path = "/operator/people", tag = "operator", request_body = NewOperator,
    responses((status = OK, body = Operator), (status = "4XX", body = problem::Body)),
)]
pub async fn add_operator(
    State(identity): State<Identity>,
    caller: Caller,
    Json(new): Json<NewOperator>,
) -> Result<Json<Operator>, Error> {
    identity.add_operator(&caller, &new).await.map(Json)
}
