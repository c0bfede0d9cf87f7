//! `GET /payouts`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Error, Payments, VendorPayout};

/// What the vendor was paid out, newest first.
#[utoipa::path(
    get, path = "/payouts", tag = "payments", params(PageQuery),
    responses((status = OK, body = Page<VendorPayout>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_vendor_payouts(
    State(payments): State<Payments>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<VendorPayout>>, Error> {
    payments.payouts_of(&caller, page).await.map(Json)
}
