//! `/v1/orders`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use serde_json::Value;

use super::list::{Listing, collection};
use super::payments::shown;
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::{Desk, wire};
use crate::razorpay::error::{Error, Result};
use crate::razorpay::order::Order;
use crate::razorpay::payment::PaymentStatus;

pub(super) async fn create(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let order = caller.at_desk(&razorpay, |desk| desk.create_order(fields))??;
    Ok(Json(wire(&order)))
}

pub(super) async fn fetch(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let expand = listing.expands("payments");
    listing.page()?;
    caller.at_desk(&razorpay, |desk| Ok(Json(expanded(desk, desk.order(&id)?, expand))))?
}

pub(super) async fn edit(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let order = caller.at_desk(&razorpay, |desk| desk.edit_order(&id, fields))??;
    Ok(Json(wire(&order)))
}

pub(super) async fn list(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let (receipt, expand) = (listing.take("receipt"), listing.expands("payments"));
    let authorized = listing.take("authorized").map(|flag| flag == "1");
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        let wanted = desk
            .merchant
            .orders
            .newest_first()
            .filter(|order| receipt.is_none() || order.receipt == receipt)
            .filter(|order| authorized.is_none_or(|flag| has_authorized(desk, order) == flag));
        Ok(page.of(wanted, |order| order.created_at, |order| expanded(desk, order, expand)))
    })?
}

pub(super) async fn payments(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let card = listing.expands("card");
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        desk.order(&id)?;
        let of_order =
            desk.merchant.payments.newest_first().filter(|payment| payment.order_id.as_ref() == Some(&id));
        Ok(page.of(of_order, |payment| payment.created_at, |payment| shown(payment, card)))
    })?
}

fn has_authorized(desk: &Desk<'_>, order: &Order) -> bool {
    let authorized = [PaymentStatus::Authorized, PaymentStatus::Captured, PaymentStatus::Refunded];
    let mut payments = desk.merchant.payments.newest_first();
    payments
        .any(|payment| payment.order_id.as_ref() == Some(&order.id) && authorized.contains(&payment.status))
}

fn expanded(desk: &Desk<'_>, order: &Order, with_payments: bool) -> Value {
    let mut shown_order = wire(order);
    if with_payments {
        let payments = desk.merchant.payments.newest_first();
        let of_order = payments.filter(|payment| payment.order_id.as_ref() == Some(&order.id));
        let Json(list) = collection(&of_order.map(|payment| shown(payment, false)).collect::<Vec<_>>());
        shown_order["payments"] = list;
    }
    shown_order
}

/// An id in the path of an entity that belongs to another one.
pub(super) fn belongs(does: bool) -> Result<()> {
    if does { Ok(()) } else { Err(Error::unknown_id()) }
}
