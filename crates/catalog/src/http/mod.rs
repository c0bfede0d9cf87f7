//! One endpoint a file.

mod add_product;
mod change_product;
mod change_stall;
mod hide_product;
mod list_products;
mod list_stock_movements;
mod move_stock;
mod search_goods;
mod show_product;
mod show_shelf_room;
mod show_stall;
mod show_stall_qr;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Catalog;

/// Nothing that a vendor types of a stall or a product is longer.
const BODY_BYTES_MAX: usize = 16 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Catalog> {
    OpenApiRouter::new()
        .routes(routes!(show_stall::show_stall, change_stall::change_stall))
        .routes(routes!(show_stall_qr::show_stall_qr))
        .routes(routes!(show_shelf_room::show_shelf_room))
        .routes(routes!(list_products::list_products, add_product::add_product))
        .routes(routes!(
            show_product::show_product,
            change_product::change_product,
            hide_product::hide_product
        ))
        .routes(routes!(list_stock_movements::list_stock_movements, move_stock::move_stock))
        .routes(routes!(search_goods::search_goods))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
