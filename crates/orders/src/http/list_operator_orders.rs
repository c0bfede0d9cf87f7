//! `GET /operator/orders`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;
use serde::Deserialize;
use uuid::Uuid;

use crate::{Error, OperatorOrder, OrderState, Orders};

/// Which page, and of orders in which state.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OperatorQuery {
    /// The `next` of the page before; nothing for the first page.
    before: Option<Uuid>,
    /// Items a page, 1–100; 50 where nothing is said.
    limit: Option<i64>,
    /// Only orders in this state.
    state: Option<OrderState>,
}

/// The orders of all stalls, newest first.
#[utoipa::path(
    get, path = "/operator/orders", tag = "operator", params(OperatorQuery),
    responses((status = OK, body = Page<OperatorOrder>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_operator_orders(
    State(orders): State<Orders>,
    caller: Caller,
    Query(query): Query<OperatorQuery>,
) -> Result<Json<Page<OperatorOrder>>, Error> {
    let page = PageQuery { before: query.before, limit: query.limit };
    orders.list_for_operator(&caller, query.state, page).await.map(Json)
}
