//! `/v1/refunds` and the refunds of a payment.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::Value;

use super::list::Listing;
use super::orders::belongs;
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::{Error, Result};
use crate::razorpay::fields::{Fields, missing};
use crate::razorpay::refund::{Begun, Refund};

pub(super) async fn create(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(payment_id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    refund(razorpay, caller, payment_id, &headers, fields(body)?).await
}

pub(super) async fn create_by_body(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let mut fields = fields(body)?;
    let payment_id = fields.text("payment_id", 64)?.ok_or_else(|| missing("payment_id"))?;
    refund(razorpay, caller, payment_id, &headers, fields).await
}

async fn refund(
    razorpay: Razorpay,
    caller: Caller,
    payment_id: String,
    headers: &HeaderMap,
    fields: Fields,
) -> Result<Json<Value>> {
    let key = headers.get("X-Refund-Idempotency").map(|value| value.to_str().unwrap_or_default().to_owned());
    if let Some(key) = &key {
        let begun = caller.at_desk(&razorpay, |desk| desk.begin_refund(key, &payment_id, &fields))??;
        if let Begun::Answered(refund) = begun {
            return Ok(Json(wire(&refund)));
        }
    }
    // The vendor works on when its caller hangs up; so does a task of its own.
    let work = tokio::spawn(work(razorpay, caller, payment_id, key, fields));
    let refund = work.await.map_err(|_| Error::outage(axum::http::StatusCode::INTERNAL_SERVER_ERROR))??;
    Ok(Json(wire(&refund)))
}

async fn work(
    razorpay: Razorpay,
    caller: Caller,
    payment_id: String,
    key: Option<String>,
    fields: Fields,
) -> Result<Refund> {
    let takes_ms = caller.at_desk(&razorpay, |desk| desk.merchant.settings.refund_takes_ms)?;
    let takes = i64::try_from(Duration::from_millis(takes_ms).as_millis()).unwrap_or(i64::MAX);
    let clock = razorpay.clock();
    clock.wait_until(clock.now_ms().saturating_add(takes)).await;
    caller.at_desk(&razorpay, |desk| {
        let refund = desk.refund_payment(&payment_id, fields);
        if let Some(key) = &key {
            desk.end_refund(key, &refund);
        }
        refund
    })?
}

pub(super) async fn fetch(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.refund(&id)?))))?
}

pub(super) async fn edit(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let refund = caller.at_desk(&razorpay, |desk| desk.edit_refund(&id, fields))??;
    Ok(Json(wire(&refund)))
}

pub(super) async fn list(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    listing: Listing,
) -> Result<Json<Value>> {
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        Ok(page.of(desk.merchant.refunds.newest_first(), |refund| refund.created_at, wire))
    })?
}

pub(super) async fn of_payment(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(payment_id): Path<String>,
    listing: Listing,
) -> Result<Json<Value>> {
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        desk.payment(&payment_id)?;
        let refunds = desk.merchant.refunds.newest_first().filter(|refund| refund.payment_id == payment_id);
        Ok(page.of(refunds, |refund| refund.created_at, wire))
    })?
}

pub(super) async fn of_payment_by_id(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path((payment_id, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| {
        let refund = desk.refund(&id)?;
        belongs(refund.payment_id == payment_id)?;
        Ok(Json(wire(refund)))
    })?
}
