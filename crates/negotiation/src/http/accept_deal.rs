//! `POST /visits/{id}/acceptances`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use parley::Amount;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::{OfferId, ProductId, Quantity, Unit, VisitId};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::bargain::WantedDeal;
use crate::room::Party;
use crate::understanding::Taken;
use crate::view::ReadBackView;
use crate::{Error, Negotiation};

/// What somebody wants to accept: an offer, or the price on a product's tag.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewAcceptance {
    /// The sender's own id for it: the same id answers as the first time.
    client_id: Uuid,
    /// The other side's offer.
    offer_id: Option<OfferId>,
    /// The product whose tag is taken, where there is no offer.
    product_id: Option<ProductId>,
    /// How much, where it is open.
    quantity: Option<Quantity>,
    /// The unit of `quantity`.
    quantity_unit: Option<Unit>,
}

impl NewAcceptance {
    fn deal(&self) -> Result<WantedDeal, Error> {
        let taken = match (self.offer_id, self.product_id) {
            (Some(offer), _) => Taken::Offer(offer),
            (None, Some(product)) => Taken::Tag(product),
            (None, None) => return Err(Error::Field { field: "offer_id", detail: "say what is accepted" }),
        };
        let amount = match (self.quantity, self.quantity_unit) {
            (Some(quantity), Some(unit)) => Some(Amount::new(quantity, unit)),
            (None, None) => None,
            _ => {
                return Err(Error::Field {
                    field: "quantity_unit",
                    detail: "a quantity and its unit come together",
                });
            }
        };
        Ok(WantedDeal { client_id: self.client_id, taken, amount })
    }
}

/// Has a deal read back before it is accepted. Nothing binds yet.
#[utoipa::path(
    post, path = "/visits/{id}/acceptances", tag = "visits", request_body = NewAcceptance,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = CREATED, body = ReadBackView), (status = "4XX", body = problem::Body)),
)]
pub async fn accept_deal(
    State(negotiation): State<Negotiation>,
    caller: Caller,
    Path(visit): Path<VisitId>,
    Json(new): Json<NewAcceptance>,
) -> Result<(StatusCode, Json<ReadBackView>), Error> {
    let read_back = negotiation.read_deal_back(Party::of(&caller, visit)?, new.deal()?).await?;
    Ok((StatusCode::CREATED, Json(read_back)))
}
