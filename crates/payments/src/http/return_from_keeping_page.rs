//! `POST /payment-methods/pages/{id}/returned`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use uuid::Uuid;

use crate::keeping::KeepingPage;
use crate::{Error, Payments};

/// The caller is back from a page: what is kept is looked at soon.
#[utoipa::path(
    post, path = "/payment-methods/pages/{id}/returned", tag = "payments",
    params(("id" = Uuid, Path,)),
    responses((status = OK, body = KeepingPage), (status = "4XX", body = problem::Body)),
)]
pub async fn return_from_keeping_page(
    State(payments): State<Payments>,
    caller: Caller,
    Path(page): Path<Uuid>,
) -> Result<Json<KeepingPage>, Error> {
    payments.returned_from_keeping(&caller, page).await.map(Json)
}
