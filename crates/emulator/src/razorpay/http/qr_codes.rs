//! `/v1/payments/qr_codes`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use serde_json::Value;

use super::list::Listing;
use super::payments::shown;
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::Result;
use crate::razorpay::order::well_formed;

pub(super) async fn create(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let qr = caller.at_desk(&razorpay, |desk| desk.create_qr_code(fields))??;
    Ok(Json(wire(&qr)))
}

pub(super) async fn fetch(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.qr_code(&id)?))))?
}

pub(super) async fn close(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    fields(body)?.finish()?;
    let qr = caller.at_desk(&razorpay, |desk| desk.close_qr_code(&id))??;
    Ok(Json(wire(&qr)))
}

pub(super) async fn list(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let (customer_id, payment_id) = (listing.take("customer_id"), listing.take("payment_id"));
    let page = listing.page()?;
    if let Some(payment_id) = &payment_id {
        well_formed(payment_id, "pay_")?;
    }
    caller.at_desk(&razorpay, |desk| {
        let paid =
            payment_id.as_ref().map(|id| desk.merchant.payments.get(id).and_then(|pay| pay.qr_id.as_ref()));
        let wanted = desk
            .merchant
            .qr_codes
            .newest_first()
            .filter(|qr| customer_id.is_none() || qr.customer_id == customer_id)
            .filter(|qr| paid.is_none_or(|qr_id| qr_id == Some(&qr.id)));
        Ok(page.of(wanted, |qr| qr.created_at, wire))
    })?
}

pub(super) async fn payments(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    listing: Listing,
) -> Result<Json<Value>> {
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        desk.qr_code(&id)?;
        let of_qr =
            desk.merchant.payments.newest_first().filter(|payment| payment.qr_id.as_ref() == Some(&id));
        Ok(page.of(of_qr, |payment| payment.created_at, |payment| shown(payment, false)))
    })?
}
