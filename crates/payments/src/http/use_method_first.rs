//! `POST /payment-methods/{id}/default`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::PaymentMethodId;

use crate::method::PaymentMethod;
use crate::{Error, Payments};

/// Has a kept card charged where none is named.
#[utoipa::path(
    post, path = "/payment-methods/{id}/default", tag = "payments",
    params(("id" = PaymentMethodId, Path, description = "The card.")),
    responses((status = OK, body = Vec<PaymentMethod>), (status = "4XX", body = problem::Body)),
)]
pub async fn use_method_first(
    State(payments): State<Payments>,
    caller: Caller,
    Path(method): Path<PaymentMethodId>,
) -> Result<Json<Vec<PaymentMethod>>, Error> {
    payments.use_method_first(&caller, method).await.map(Json)
}
