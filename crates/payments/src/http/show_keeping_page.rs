//! `GET /payment-methods/pages/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use uuid::Uuid;

use crate::keeping::KeepingPage;
use crate::{Error, Payments};

/// A page on which a card is kept.
#[utoipa::path(
    get, path = "/payment-methods/pages/{id}", tag = "payments",
    params(("id" = Uuid, Path,)),
    responses((status = OK, body = KeepingPage), (status = "4XX", body = problem::Body)),
)]
pub async fn show_keeping_page(
    State(payments): State<Payments>,
    caller: Caller,
    Path(page): Path<Uuid>,
) -> Result<Json<KeepingPage>, Error> {
    payments.keeping_page(&caller, page).await.map(Json)
}
