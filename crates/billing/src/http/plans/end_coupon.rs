//! `PUT /operator/coupons/{id}/ended`

use axum::extract::State;
use identity::Caller;
use platform::extract::{Json, Path};
use platform::problem;
use types::CouponId;

use crate::plans::Ended;
use crate::{Coupon, Error, Plans};

/// Ends a coupon, or lets it be redeemed again; who and why is kept beside it.
#[utoipa::path(
    put, path = "/operator/coupons/{id}/ended", tag = "operator",
    params(("id" = CouponId, Path, description = "The coupon")), request_body = Ended,
    responses((status = OK, body = Coupon), (status = "4XX", body = problem::Body)),
)]
pub async fn end_coupon(
    State(plans): State<Plans>,
    caller: Caller,
    Path(coupon): Path<CouponId>,
    Json(ended): Json<Ended>,
) -> Result<Json<Coupon>, Error> {
    plans.end_coupon(&caller, coupon, &ended).await.map(Json)
}
