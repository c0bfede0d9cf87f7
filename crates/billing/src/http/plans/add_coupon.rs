//! `POST /operator/coupons`

use axum::extract::State;
use axum::http::StatusCode;
use identity::Caller;
use platform::extract::Json;
use platform::problem;

use crate::{Coupon, Error, NewCoupon, Plans};

/// Writes a coupon.
#[utoipa::path(
    post, path = "/operator/coupons", tag = "operator", request_body = NewCoupon,
    responses((status = CREATED, body = Coupon), (status = "4XX", body = problem::Body)),
)]
pub async fn add_coupon(
    State(plans): State<Plans>,
    caller: Caller,
    Json(new): Json<NewCoupon>,
) -> Result<(StatusCode, Json<Coupon>), Error> {
    let coupon = plans.add_coupon(&caller, &new).await?;
    Ok((StatusCode::CREATED, Json(coupon)))
}
