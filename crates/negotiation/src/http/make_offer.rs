//! `POST /visits/{id}/offers`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use parley::Amount;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::{Price, ProductId, Quantity, Unit, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bargain::TypedOffer;
use crate::room::Party;
use crate::view::OfferView;
use crate::{Error, Negotiation};

/// An offer from the keypad or a chip.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewOffer {
    /// The sender's own id for it: the same id with the same offer answers as the first time.
    client_id: Uuid,
    /// For which product.
    product_id: ProductId,
    /// What so much costs.
    price: Price,
    /// How much is meant.
    quantity: Quantity,
    /// The unit of `quantity`.
    quantity_unit: Unit,
}

/// Makes an offer of typed numbers: it stands at once.
#[utoipa::path(
    post, path = "/visits/{id}/offers", tag = "visits", request_body = NewOffer,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = CREATED, body = OfferView), (status = "4XX", body = problem::Body)),
)]
pub async fn make_offer(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(new): Json<NewOffer>,
) -> Result<(StatusCode, Json<OfferView>), Error> {
    let amount = Amount::new(new.quantity, new.quantity_unit);
    let typed = TypedOffer { client_id: new.client_id, product: new.product_id, price: new.price, amount };
    let offer = negotiation.make_offer(Party::of(&caller, visit)?, typed).await?;
    Ok((StatusCode::CREATED, Json(offer)))
}
