//! The endpoints of plans, one a file.

mod add_coupon;
mod add_plan;
mod cancel_plan;
mod choose_plan;
mod end_coupon;
mod list_all_plans;
mod list_coupons;
mod list_plan_invoices;
mod list_plans;
mod offer_plan;
mod pay_plan;
mod quote_plan;
mod show_plan;
mod show_plan_invoice_pdf;
mod show_revenue;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Plans;

/// A plan or a coupon is not longer.
const BODY_BYTES_MAX: usize = 4 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Plans> {
    OpenApiRouter::new()
        .routes(routes!(list_plans::list_plans))
        .routes(routes!(show_plan::show_plan, choose_plan::choose_plan))
        .routes(routes!(quote_plan::quote_plan))
        .routes(routes!(cancel_plan::cancel_plan))
        .routes(routes!(pay_plan::pay_plan))
        .routes(routes!(list_plan_invoices::list_plan_invoices))
        .routes(routes!(show_plan_invoice_pdf::show_plan_invoice_pdf))
        .routes(routes!(list_all_plans::list_all_plans, add_plan::add_plan))
        .routes(routes!(offer_plan::offer_plan))
        .routes(routes!(list_coupons::list_coupons, add_coupon::add_coupon))
        .routes(routes!(end_coupon::end_coupon))
        .routes(routes!(show_revenue::show_revenue))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
}
