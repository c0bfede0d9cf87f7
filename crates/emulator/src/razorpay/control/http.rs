//! The control API over HTTP, for callers on this machine.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Played, Razorpay};
use crate::control::{self, Answer, Command};
use crate::delivery::{Delivery, Endpoint, WebhookFault};
use crate::razorpay::merchant::{NewMerchant, Settings};
use crate::razorpay::{Mishap, Play, SettlementFault};

pub(crate) fn router(razorpay: &Razorpay) -> Router {
    let merchant = Router::new()
        .route("/settings", get(settings).put(set_settings))
        .route("/webhooks", get(webhooks).put(set_webhooks))
        .route("/webhook_faults", get(webhook_faults).post(add_webhook_fault).delete(clear_webhook_faults))
        .route(
            "/settlement_faults",
            get(settlement_faults).post(add_settlement_fault).delete(clear_settlement_faults),
        )
        .route("/mishaps", post(suffer))
        .route("/funds", post(add_funds))
        .route("/deliveries", get(deliveries));
    let routes = Router::new()
        .route("/merchants", get(merchants).post(open_account))
        .nest("/merchants/{key_id}", merchant)
        .route("/deliveries/{id}/resend", post(resend))
        .route("/pay", post(pay))
        .route("/settle", post(settle))
        .route("/reset", post(reset))
        .with_state(razorpay.clone());
    control::guarded(razorpay.clock(), razorpay.gate(), routes)
}

async fn merchants(State(razorpay): State<Razorpay>) -> Json<Value> {
    let accounts: Vec<Value> = razorpay.with_world(|world| {
        let merchants = world.merchants.iter();
        merchants
            .map(|merchant| {
                json!({ "account_id": merchant.account_id, "key_id": merchant.key_id, "name": merchant.name })
            })
            .collect()
    });
    Json(json!({ "merchants": accounts }))
}

async fn open_account(
    State(razorpay): State<Razorpay>,
    Command(opened): Command<NewMerchant>,
) -> Answer<StatusCode> {
    razorpay.open_account(opened)?;
    Ok(StatusCode::CREATED)
}

async fn settings(State(razorpay): State<Razorpay>, Path(key_id): Path<String>) -> Answer<Json<Settings>> {
    Ok(Json(razorpay.settings(&key_id)?))
}

async fn set_settings(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
    Command(settings): Command<Settings>,
) -> Answer<StatusCode> {
    razorpay.set_settings(&key_id, settings)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn webhooks(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
) -> Answer<Json<Vec<Endpoint>>> {
    Ok(Json(razorpay.webhooks(&key_id)?))
}

async fn set_webhooks(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
    Command(endpoints): Command<Vec<Endpoint>>,
) -> Answer<StatusCode> {
    razorpay.set_webhooks(&key_id, endpoints)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn webhook_faults(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
) -> Answer<Json<Vec<WebhookFault>>> {
    Ok(Json(razorpay.webhook_faults(&key_id)?))
}

async fn add_webhook_fault(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
    Command(fault): Command<WebhookFault>,
) -> Answer<StatusCode> {
    razorpay.add_webhook_fault(&key_id, fault)?;
    Ok(StatusCode::CREATED)
}

async fn clear_webhook_faults(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
) -> Answer<StatusCode> {
    razorpay.clear_webhook_faults(&key_id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn settlement_faults(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
) -> Answer<Json<Vec<SettlementFault>>> {
    Ok(Json(razorpay.settlement_faults(&key_id)?))
}

async fn add_settlement_fault(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
    Command(fault): Command<SettlementFault>,
) -> Answer<StatusCode> {
    razorpay.add_settlement_fault(&key_id, fault)?;
    Ok(StatusCode::CREATED)
}

async fn clear_settlement_faults(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
) -> Answer<StatusCode> {
    razorpay.clear_settlement_faults(&key_id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn suffer(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
    Command(mishap): Command<Mishap>,
) -> Answer<Json<Value>> {
    Ok(Json(json!({ "id": razorpay.suffer(&key_id, &mishap)? })))
}

/// Money for payouts, or taken away where it is below zero.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Funds {
    paise: i64,
}

async fn add_funds(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
    Command(funds): Command<Funds>,
) -> Answer<Json<Value>> {
    Ok(Json(json!({ "funds_paise": razorpay.add_funds(&key_id, funds.paise)? })))
}

async fn deliveries(
    State(razorpay): State<Razorpay>,
    Path(key_id): Path<String>,
) -> Answer<Json<Vec<Delivery>>> {
    Ok(Json(razorpay.deliveries(&key_id)?))
}

async fn resend(State(razorpay): State<Razorpay>, Path(id): Path<u64>) -> Answer<StatusCode> {
    razorpay.resend(id)?;
    Ok(StatusCode::ACCEPTED)
}

async fn pay(State(razorpay): State<Razorpay>, Command(play): Command<Play>) -> Answer<Json<Played>> {
    Ok(Json(razorpay.play(&play)?))
}

async fn settle(State(razorpay): State<Razorpay>) -> StatusCode {
    razorpay.settle().await;
    StatusCode::NO_CONTENT
}

async fn reset(State(razorpay): State<Razorpay>) -> StatusCode {
    razorpay.reset();
    StatusCode::NO_CONTENT
}
