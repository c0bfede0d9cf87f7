//! One endpoint a file.

mod accept_dispute;
mod cancel_order;
mod change_place_of_supply;
mod contest_dispute;
mod hand_over_order;
mod list_operator_order_lines;
mod list_operator_orders;
mod list_orders;
mod name_recipient;
mod preview_operator_refund;
mod preview_refund;
mod refund_operator_order;
mod refund_order;
mod remove_recipient;
mod show_dispute;
mod show_evidence;
mod show_evidence_pdf;
mod show_order;
mod show_payment_request;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Orders;

/// A photograph in Base64 and the words around it.
const CONTEST_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Orders> {
    let contest = OpenApiRouter::new()
        .routes(routes!(contest_dispute::contest_dispute))
        .layer(DefaultBodyLimit::max(CONTEST_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(list_orders::list_orders))
        .routes(routes!(show_order::show_order))
        .routes(routes!(show_payment_request::show_payment_request))
        .routes(routes!(hand_over_order::hand_over_order))
        .routes(routes!(cancel_order::cancel_order))
        .routes(routes!(change_place_of_supply::change_place_of_supply))
        .routes(routes!(refund_order::refund_order))
        .routes(routes!(preview_refund::preview_refund))
        .routes(routes!(name_recipient::name_recipient, remove_recipient::remove_recipient))
        .routes(routes!(list_operator_orders::list_operator_orders))
        .routes(routes!(list_operator_order_lines::list_operator_order_lines))
        .routes(routes!(refund_operator_order::refund_operator_order))
        .routes(routes!(preview_operator_refund::preview_operator_refund))
        .routes(routes!(show_dispute::show_dispute))
        .routes(routes!(show_evidence::show_evidence))
        .routes(routes!(show_evidence_pdf::show_evidence_pdf))
        .routes(routes!(accept_dispute::accept_dispute))
        .merge(contest)
}
