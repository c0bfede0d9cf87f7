//! `/v1/contacts`, `/v1/fund_accounts` and `/v1/payouts`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::Value;

use super::list::Listing;
use super::{Caller, fields};
use crate::razorpay::Razorpay;
use crate::razorpay::desk::wire;
use crate::razorpay::error::{Error, Result};
use crate::razorpay::fields::missing;
use crate::razorpay::payout::{ACCOUNT_NUMBER, PayoutStatus};

pub(super) async fn create_contact(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let contact = caller.at_desk(&razorpay, |desk| desk.create_contact(fields))??;
    Ok(Json(wire(&contact)))
}

pub(super) async fn fetch_contact(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.contact(&id)?))))?
}

pub(super) async fn create_fund_account(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let account = caller.at_desk(&razorpay, |desk| desk.create_fund_account(fields))??;
    Ok(Json(wire(&account)))
}

pub(super) async fn fetch_fund_account(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.fund_account(&id)?))))?
}

pub(super) async fn list_fund_accounts(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let contact = listing.take("contact_id");
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        let of_contact = |id: &str| contact.as_deref().is_none_or(|contact| contact == id);
        let accounts = desk.merchant.fund_accounts.newest_first();
        let accounts = accounts.filter(|account| of_contact(&account.contact_id));
        Ok(page.of(accounts, |account| account.created_at, wire))
    })?
}

pub(super) async fn create(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>> {
    let fields = fields(body)?;
    let key = headers.get("X-Payout-Idempotency").map(|value| value.to_str().unwrap_or_default());
    let payout = caller.at_desk(&razorpay, |desk| desk.create_payout(key, fields))??;
    Ok(Json(wire(&payout)))
}

pub(super) async fn fetch(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    caller.at_desk(&razorpay, |desk| Ok(Json(wire(desk.payout(&id)?))))?
}

pub(super) async fn cancel(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>> {
    let payout = caller.at_desk(&razorpay, |desk| desk.cancel_payout(&id))??;
    Ok(Json(wire(&payout)))
}

pub(super) async fn list(
    State(razorpay): State<Razorpay>,
    caller: Caller,
    mut listing: Listing,
) -> Result<Json<Value>> {
    let number = listing.take("account_number").ok_or_else(|| missing("account_number"))?;
    if number != ACCOUNT_NUMBER {
        return Err(Error::invalid("account_number", "The account number is invalid."));
    }
    let [reference, account] = ["reference_id", "fund_account_id"].map(|name| listing.take(name));
    let status = match listing.take("status") {
        None => None,
        Some(name) => Some(
            PayoutStatus::named(&name)
                .ok_or_else(|| Error::invalid("status", "The selected status is invalid."))?,
        ),
    };
    let page = listing.page()?;
    caller.at_desk(&razorpay, |desk| {
        let payouts = desk.merchant.payouts.newest_first().filter(|payout| {
            (reference.is_none() || payout.reference_id == reference)
                && account.as_ref().is_none_or(|id| payout.fund_account_id == *id)
                && status.is_none_or(|status| payout.status == status)
        });
        Ok(page.of(payouts, |payout| payout.created_at, wire))
    })?
}
