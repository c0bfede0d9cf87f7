//! `PUT /orders/{id}/place-of-supply`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use serde::Deserialize;
use types::OrderId;
use utoipa::ToSchema;

use crate::{Error, OrderView, Orders};

/// Where goods are delivered.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PlaceOfSupply {
    /// The code of the state.
    #[schema(example = "29")]
    state_code: String,
}

/// The vendor says which state the goods of an unpaid order are delivered to. Without it they are handed over at the stall.
#[utoipa::path(
    put, path = "/orders/{id}/place-of-supply", tag = "orders", params(("id" = OrderId, Path)),
    request_body = PlaceOfSupply,
    responses((status = OK, body = OrderView), (status = "4XX", body = problem::Body)),
)]
pub async fn change_place_of_supply(
    State(orders): State<Orders>,
    caller: Caller,
    Path(id): Path<OrderId>,
    Json(place): Json<PlaceOfSupply>,
) -> Result<Json<OrderView>, Error> {
    let state = place.state_code.parse().map_err(billing::Error::State)?;
    orders.deliver_to(&caller, id, state).await.map(Json)
}
