//! `GET /orders`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Error, OrderCard, Orders};

/// The stall's orders, or those of this phone's visits; newest first.
#[utoipa::path(
    get, path = "/orders", tag = "orders", params(PageQuery),
    responses((status = OK, body = Page<OrderCard>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_orders(
    State(orders): State<Orders>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<OrderCard>>, Error> {
    orders.list(&caller, query).await.map(Json)
}
