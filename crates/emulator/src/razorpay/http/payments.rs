//! `/v1/payments`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use serde_json::Value;

use super::list::Listing;
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::{Error, Result};
use crate::razorpay::fields::missing;
use crate::razorpay::payment::Payment;

pub(super) async fn fetch(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let card = listing.expands("card");
    listing.page()?;
    caller.at_desk(&razorpay, |desk| Ok(Json(shown(desk.payment(&id)?, card))))?
}

pub(super) async fn list(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let card = listing.expands("card");
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        let all = desk.merchant.payments.newest_first();
        Ok(page.of(all, |payment| payment.created_at, |payment| shown(payment, card)))
    })?
}

pub(super) async fn edit(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let payment = caller.at_desk(&razorpay, |desk| desk.edit_payment(&id, fields))??;
    Ok(Json(shown(&payment, false)))
}

pub(super) async fn capture(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let mut fields = fields(body)?;
    let amount = fields.amount("amount", i64::MAX)?.ok_or_else(|| missing("amount"))?;
    // The Python client leaves the currency out of a capture, and the vendor then takes the rupee.
    if fields.text("currency", 3)?.is_some_and(|currency| currency != "INR") {
        return Err(Error::invalid("currency", "Currency is not supported"));
    }
    fields.finish()?;
    let payment = caller.at_desk(&razorpay, |desk| desk.capture(&id, amount))??;
    Ok(Json(shown(&payment, false)))
}

pub(super) async fn card(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| desk.payment(&id)?.card().map(Json).ok_or_else(Error::unknown_url))?
}

/// A payment as the vendor shows it; the card only where it is asked for.
pub(super) fn shown(payment: &Payment, with_card: bool) -> Value {
    let mut shown = wire(payment);
    if with_card && let Some(card) = payment.card() {
        shown["card"] = card;
    }
    shown
}
