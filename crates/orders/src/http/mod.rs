//! One endpoint a file.

mod cancel_order;
mod change_place_of_supply;
mod hand_over_order;
mod list_operator_orders;
mod list_orders;
mod show_order;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Orders;

pub(crate) fn routes() -> OpenApiRouter<Orders> {
    OpenApiRouter::new()
        .routes(routes!(list_orders::list_orders))
        .routes(routes!(show_order::show_order))
        .routes(routes!(hand_over_order::hand_over_order))
        .routes(routes!(cancel_order::cancel_order))
        .routes(routes!(change_place_of_supply::change_place_of_supply))
        .routes(routes!(list_operator_orders::list_operator_orders))
}
