//! One endpoint a file.

mod add_commission_rule;
mod add_tcs_rate;
mod cancel_payout;
mod change_payout_account;
mod change_profile;
mod check_out;
mod check_out_top_up;
mod dismiss_exception;
mod export_tcs_month;
mod list_disputes;
mod list_exceptions;
mod list_methods;
mod list_operator_disputes;
mod list_payout_runs;
mod list_payouts;
mod list_payouts_due;
mod list_reconciliations;
mod list_refunds;
mod list_tcs_months;
mod list_vendor_payouts;
mod list_webhooks;
mod money_received;
mod open_keeping_page;
mod pay_tcs;
mod payout_came_back;
mod payout_made;
mod receive_payout_webhook;
mod receive_razorpay_webhook;
mod receive_stripe_webhook;
mod reconcile_day;
mod remove_method;
mod repair_exception;
mod replay_webhook;
mod retry_payout;
mod retry_refund;
mod return_from_keeping_page;
mod return_from_page;
mod return_with_top_up;
mod set_hold;
mod show_commission;
mod show_keeping_page;
mod show_keeping_terms;
mod show_payment;
mod show_payout_account;
mod show_profile;
mod show_tcs;
mod show_tcs_month;
mod show_wallet;
mod start_payout_run;
mod take_bank_statement;
mod take_payout_file;
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

/// A file of settlement lines or of the bank: the 5,000 that are read at once fit twice.
const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Payments> {
    let webhooks = OpenApiRouter::new()
        .routes(routes!(receive_payout_webhook::receive_payout_webhook))
        .routes(routes!(receive_razorpay_webhook::receive_razorpay_webhook))
        .routes(routes!(receive_stripe_webhook::receive_stripe_webhook))
        .layer(DefaultBodyLimit::max(WEBHOOK_BYTES_MAX));
    let files = OpenApiRouter::new()
        .routes(routes!(take_settlement_file::take_settlement_file))
        .routes(routes!(take_bank_statement::take_bank_statement))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(show_payment::show_payment))
        .routes(routes!(check_out::check_out))
        .routes(routes!(check_out_top_up::check_out_top_up))
        .routes(routes!(return_from_page::return_from_page))
        .routes(routes!(return_with_top_up::return_with_top_up))
        .routes(routes!(list_methods::list_methods))
        .routes(routes!(show_keeping_terms::show_keeping_terms))
        .routes(routes!(open_keeping_page::open_keeping_page))
        .routes(routes!(show_keeping_page::show_keeping_page))
        .routes(routes!(return_from_keeping_page::return_from_keeping_page))
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
        .merge(reconciliation())
        .merge(payouts())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(webhooks)
        .merge(files)
}

/// What does not match between record, gateway, settlement and bank.
fn reconciliation() -> OpenApiRouter<Payments> {
    OpenApiRouter::new()
        .routes(routes!(list_reconciliations::list_reconciliations, reconcile_day::reconcile_day))
        .routes(routes!(list_exceptions::list_exceptions))
        .routes(routes!(repair_exception::repair_exception))
        .routes(routes!(dismiss_exception::dismiss_exception))
}

/// What the platform keeps and withholds, and how vendors are paid out.
fn payouts() -> OpenApiRouter<Payments> {
    OpenApiRouter::new()
        .routes(routes!(
            show_payout_account::show_payout_account,
            change_payout_account::change_payout_account
        ))
        .routes(routes!(list_vendor_payouts::list_vendor_payouts))
        .routes(routes!(show_commission::show_commission, add_commission_rule::add_commission_rule))
        .routes(routes!(show_tcs::show_tcs, add_tcs_rate::add_tcs_rate))
        .routes(routes!(show_tcs_month::show_tcs_month))
        .routes(routes!(list_tcs_months::list_tcs_months))
        .routes(routes!(pay_tcs::pay_tcs))
        .routes(routes!(export_tcs_month::export_tcs_month))
        .routes(routes!(list_payouts::list_payouts))
        .routes(routes!(list_payouts_due::list_payouts_due))
        .routes(routes!(retry_payout::retry_payout))
        .routes(routes!(cancel_payout::cancel_payout))
        .routes(routes!(payout_made::payout_made))
        .routes(routes!(payout_came_back::payout_came_back))
        .routes(routes!(list_payout_runs::list_payout_runs, start_payout_run::start_payout_run))
        .routes(routes!(take_payout_file::take_payout_file))
        .routes(routes!(set_hold::set_hold))
}
