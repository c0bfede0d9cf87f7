//! The endpoints of prepaid credit, one a file.

mod add_price;
mod ask_refund;
mod change_recharge;
mod confirm_top_up;
mod export_usage;
mod freeze_credit;
mod grant_credit;
mod limit_member;
mod list_credit_refunds;
mod list_credits;
mod list_member_spending;
mod list_prices;
mod list_said_top_ups;
mod list_top_ups;
mod list_usage;
mod list_usage_days;
mod refuse_top_up;
mod say_paid;
mod settle_debt;
mod show_credit;
mod show_recharge;
mod show_top_up;
mod start_top_up;
mod take_bank_file;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Credits;

/// A grant or a price is not longer.
const BODY_BYTES_MAX: usize = 4 * 1024;
/// A month of a busy account is not longer.
const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Credits> {
    let files = OpenApiRouter::new()
        .routes(routes!(take_bank_file::take_bank_file))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(show_credit::show_credit))
        .routes(routes!(list_member_spending::list_member_spending))
        .routes(routes!(limit_member::limit_member))
        .routes(routes!(list_usage::list_usage))
        .routes(routes!(export_usage::export_usage))
        .routes(routes!(list_usage_days::list_usage_days))
        .routes(routes!(list_top_ups::list_top_ups, start_top_up::start_top_up))
        .routes(routes!(show_top_up::show_top_up))
        .routes(routes!(say_paid::say_paid))
        .routes(routes!(list_said_top_ups::list_said_top_ups))
        .routes(routes!(confirm_top_up::confirm_top_up))
        .routes(routes!(refuse_top_up::refuse_top_up))
        .routes(routes!(show_recharge::show_recharge, change_recharge::change_recharge))
        .routes(routes!(list_credit_refunds::list_credit_refunds, ask_refund::ask_refund))
        .routes(routes!(settle_debt::settle_debt))
        .routes(routes!(list_prices::list_prices, add_price::add_price))
        .routes(routes!(list_credits::list_credits))
        .routes(routes!(grant_credit::grant_credit))
        .routes(routes!(freeze_credit::freeze_credit))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(files)
}
