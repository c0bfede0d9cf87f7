//! `/v1/customers`, their tokens, and `/v1/payments/create/recurring`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::list::{Listing, collection};
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::Result;
use crate::razorpay::webhook::sign;

pub(super) async fn create_customer(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let customer = caller.at_desk(&razorpay, |desk| desk.create_customer(fields))??;
    Ok(Json(wire(&customer)))
}

pub(super) async fn list_customers(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    listing: Listing,
) -> Result<Json<Value>> {
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        Ok(page.of(desk.merchant.customers.newest_first(), |customer| customer.created_at, wire))
    })?
}

pub(super) async fn fetch_customer(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| desk.customer(&id).map(|customer| Json(wire(customer))))?
}

pub(super) async fn tokens(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| {
        desk.customer(&customer)?;
        let tokens = desk.merchant.tokens.newest_first();
        let own = tokens.filter(|token| token.customer_id == customer);
        Ok(collection(&own.map(wire).collect::<Vec<_>>()))
    })?
}

pub(super) async fn fetch_token(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path((customer, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| desk.token(&customer, &id).map(|token| Json(wire(token))))?
}

pub(super) async fn delete_token(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path((customer, id)): Path<(String, String)>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| desk.delete_token(&customer, &id))??;
    Ok(Json(json!({ "deleted": true })))
}

pub(super) async fn charge(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    caller.at_desk(&razorpay, |desk| {
        let payment = desk.charge_token(fields)?;
        let order = payment.order_id.unwrap_or_default();
        let signature = sign(format!("{order}|{}", payment.id).as_bytes(), &desk.merchant.key_secret);
        Ok(Json(json!({
            "razorpay_payment_id": payment.id,
            "razorpay_order_id": order,
            "razorpay_signature": signature,
        })))
    })?
}
