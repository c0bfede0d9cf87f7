//! The control API over HTTP, for callers on this machine.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{Authentication, NewDispute, Paid, Payment, Verdict};
use crate::control::{self, Answer, Command};
use crate::delivery::{Delivery, Endpoint, WebhookFault};
use crate::stripe::account::{NewAccount, Settings};
use crate::stripe::{PayoutFault, Stripe};

pub(crate) fn router(stripe: &Stripe) -> Router {
    let account = Router::new()
        .route("/settings", get(settings).put(set_settings))
        .route("/webhooks", get(webhooks).put(set_webhooks))
        .route("/webhook_faults", get(webhook_faults).post(add_webhook_fault).delete(clear_webhook_faults))
        .route("/payout_faults", get(payout_faults).post(add_payout_fault).delete(clear_payout_faults))
        .route("/deliveries", get(deliveries));
    let routes = Router::new()
        .route("/accounts", get(accounts).post(open_account))
        .nest("/accounts/{secret_key}", account)
        .route("/deliveries/{id}/resend", post(resend))
        .route("/pay", post(pay))
        .route("/authenticate", post(authenticate))
        .route("/disputes", post(dispute))
        .route("/disputes/decide", post(decide))
        .route("/settle", post(settle))
        .route("/reset", post(reset))
        .with_state(stripe.clone());
    control::guarded(stripe.clock(), stripe.gate(), routes)
}

async fn accounts(State(stripe): State<Stripe>) -> Json<Value> {
    let accounts: Vec<Value> = stripe.with_world(|world| {
        let shown = |account: &super::Account| {
            json!({ "id": account.id, "secret_key": account.secret_key, "name": account.name })
        };
        world.accounts.iter().map(shown).collect()
    });
    Json(json!({ "accounts": accounts }))
}

async fn open_account(
    State(stripe): State<Stripe>,
    Command(opened): Command<NewAccount>,
) -> Answer<StatusCode> {
    stripe.open_account(opened)?;
    Ok(StatusCode::CREATED)
}

async fn settings(State(stripe): State<Stripe>, Path(key): Path<String>) -> Answer<Json<Settings>> {
    Ok(Json(stripe.settings(&key)?))
}

async fn set_settings(
    State(stripe): State<Stripe>,
    Path(key): Path<String>,
    Command(settings): Command<Settings>,
) -> Answer<StatusCode> {
    stripe.set_settings(&key, settings)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn webhooks(State(stripe): State<Stripe>, Path(key): Path<String>) -> Answer<Json<Vec<Endpoint>>> {
    Ok(Json(stripe.webhooks(&key)?))
}

async fn set_webhooks(
    State(stripe): State<Stripe>,
    Path(key): Path<String>,
    Command(endpoints): Command<Vec<Endpoint>>,
) -> Answer<StatusCode> {
    stripe.set_webhooks(&key, endpoints)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn webhook_faults(
    State(stripe): State<Stripe>,
    Path(key): Path<String>,
) -> Answer<Json<Vec<WebhookFault>>> {
    Ok(Json(stripe.webhook_faults(&key)?))
}

async fn add_webhook_fault(
    State(stripe): State<Stripe>,
    Path(key): Path<String>,
    Command(fault): Command<WebhookFault>,
) -> Answer<StatusCode> {
    stripe.add_webhook_fault(&key, fault)?;
    Ok(StatusCode::CREATED)
}

async fn clear_webhook_faults(State(stripe): State<Stripe>, Path(key): Path<String>) -> Answer<StatusCode> {
    stripe.clear_webhook_faults(&key)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn payout_faults(
    State(stripe): State<Stripe>,
    Path(key): Path<String>,
) -> Answer<Json<Vec<PayoutFault>>> {
    Ok(Json(stripe.payout_faults(&key)?))
}

async fn add_payout_fault(
    State(stripe): State<Stripe>,
    Path(key): Path<String>,
    Command(fault): Command<PayoutFault>,
) -> Answer<StatusCode> {
    stripe.add_payout_fault(&key, fault)?;
    Ok(StatusCode::CREATED)
}

async fn clear_payout_faults(State(stripe): State<Stripe>, Path(key): Path<String>) -> Answer<StatusCode> {
    stripe.clear_payout_faults(&key)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn deliveries(State(stripe): State<Stripe>, Path(key): Path<String>) -> Answer<Json<Vec<Delivery>>> {
    Ok(Json(stripe.deliveries(&key)?))
}

async fn resend(State(stripe): State<Stripe>, Path(id): Path<u64>) -> Answer<StatusCode> {
    stripe.resend(id)?;
    Ok(StatusCode::ACCEPTED)
}

async fn pay(State(stripe): State<Stripe>, Command(payment): Command<Payment>) -> Answer<Json<Paid>> {
    Ok(Json(stripe.pay(&payment)?))
}

async fn authenticate(
    State(stripe): State<Stripe>,
    Command(answer): Command<Authentication>,
) -> Answer<Json<Value>> {
    Ok(Json(stripe.authenticate(&answer)?))
}

async fn dispute(State(stripe): State<Stripe>, Command(opened): Command<NewDispute>) -> Answer<Json<Value>> {
    Ok(Json(stripe.dispute(&opened)?))
}

async fn decide(State(stripe): State<Stripe>, Command(verdict): Command<Verdict>) -> Answer<Json<Value>> {
    Ok(Json(stripe.decide(&verdict)?))
}

async fn settle(State(stripe): State<Stripe>) -> StatusCode {
    stripe.settle().await;
    StatusCode::NO_CONTENT
}

async fn reset(State(stripe): State<Stripe>) -> StatusCode {
    stripe.reset();
    StatusCode::NO_CONTENT
}
