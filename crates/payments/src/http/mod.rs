//! One endpoint a file.

mod change_profile;
mod check_out;
mod check_out_top_up;
mod dismiss_exception;
mod list_disputes;
mod list_exceptions;
mod list_methods;
mod list_operator_disputes;
mod list_reconciliations;
mod list_refunds;
mod list_webhooks;
mod money_received;
mod receive_razorpay_webhook;
mod receive_stripe_webhook;
mod reconcile_day;
mod remove_method;
mod repair_exception;
mod replay_webhook;
mod retry_refund;
mod return_from_page;
mod return_with_top_up;
mod show_payment;
mod show_profile;
mod show_wallet;
mod take_settlement_file;
mod use_method_first;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Payments;

/// Nothing that a person sends about money is longer.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// No webhook of the gateway is longer.
const WEBHOOK_BYTES_MAX: usize = 256 * 1024;

/// A file of settlement lines: the 5,000 that are read at once fit twice.
const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Payments> {
    let webhooks = OpenApiRouter::new()
        .routes(routes!(receive_razorpay_webhook::receive_razorpay_webhook))
        .routes(routes!(receive_stripe_webhook::receive_stripe_webhook))
        .layer(DefaultBodyLimit::max(WEBHOOK_BYTES_MAX));
    let files = OpenApiRouter::new()
        .routes(routes!(take_settlement_file::take_settlement_file))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(show_payment::show_payment))
        .routes(routes!(check_out::check_out))
        .routes(routes!(check_out_top_up::check_out_top_up))
        .routes(routes!(return_from_page::return_from_page))
        .routes(routes!(return_with_top_up::return_with_top_up))
        .routes(routes!(list_methods::list_methods))
        .routes(routes!(use_method_first::use_method_first))
        .routes(routes!(remove_method::remove_method))
        .routes(routes!(money_received::money_received))
        .routes(routes!(show_wallet::show_wallet))
        .routes(routes!(show_profile::show_profile, change_profile::change_profile))
        .routes(routes!(list_webhooks::list_webhooks))
        .routes(routes!(replay_webhook::replay_webhook))
        .routes(routes!(list_refunds::list_refunds))
        .routes(routes!(retry_refund::retry_refund))
        .routes(routes!(list_disputes::list_disputes))
        .routes(routes!(list_operator_disputes::list_operator_disputes))
        .routes(routes!(list_reconciliations::list_reconciliations, reconcile_day::reconcile_day))
        .routes(routes!(list_exceptions::list_exceptions))
        .routes(routes!(repair_exception::repair_exception))
        .routes(routes!(dismiss_exception::dismiss_exception))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(webhooks)
        .merge(files)
}
