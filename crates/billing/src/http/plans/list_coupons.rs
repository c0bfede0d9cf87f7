//! `GET /operator/coupons`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Query};
use platform::page::{Page, PageQuery};
use platform::problem;

use crate::{Coupon, Error, Plans};

/// Coupons, newest first.
#[utoipa::path(
    get, path = "/operator/coupons", tag = "operator", params(PageQuery),
    responses((status = OK, body = Page<Coupon>), (status = "4XX", body = problem::Body)),
)]
pub async fn list_coupons(
    State(plans): State<Plans>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Coupon>>, Error> {
    plans.coupons(&caller, query).await.map(Json)
}
