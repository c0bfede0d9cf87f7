//! `DELETE /payment-methods/{id}`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::PaymentMethodId;

use crate::method::PaymentMethod;
use crate::{Error, Payments};

/// Keeps a card no longer.
#[utoipa::path(
    delete, path = "/payment-methods/{id}", tag = "payments",
    params(("id" = PaymentMethodId, Path, description = "The card.")),
    responses((status = OK, body = Vec<PaymentMethod>), (status = "4XX", body = problem::Body)),
)]
pub async fn remove_method(
    State(payments): State<Payments>,
    caller: Caller,
    Path(method): Path<PaymentMethodId>,
) -> Result<Json<Vec<PaymentMethod>>, Error> {
    payments.remove_method(&caller, method).await.map(Json)
}
