//! News that are lost, doubled, late, out of order, forged, old, or from a time to come.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::{Extension, Router};
use emulator::stripe::{Endpoint, Payment, WebhookFault, WebhookFaultKind};
use identity::Caller;
use platform::keys::hmac_sha256;
use serde_json::json;
use tower::ServiceExt;

use super::key;
use crate::stall::{AMOUNT, COMMISSION, SECRET, Stall, operator};

async fn tell(stall: &Stall, body: &str, signature: &str) -> StatusCode {
    let request = Request::post("/webhooks/stripe").header("stripe-signature", signature);
    let router = Router::from(stall.payments.routes()).layer(Extension(Caller::nobody()));
    router.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap().status()
}

fn signed(secret: &str, body: &str, at_s: i64) -> String {
    let signature = hmac_sha256(secret.as_bytes(), format!("{at_s}.{body}").as_bytes());
    format!("t={at_s},v1={}", hex::encode(signature))
}

#[tokio::test]
async fn a_lost_webhook_is_made_up_for_by_looking() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    stall.stripe().set_webhooks(&key(), Vec::new()).unwrap();
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "waiting");
    stall.pass(16).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn every_event_six_times_at_once_pays_once() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    for event in ["payment_intent.succeeded", "checkout.session.completed", "charge.succeeded"] {
        let doubled = WebhookFaultKind::Duplicate { copies: 5, at_once: true };
        stall.stripe().add_webhook_fault(&key(), WebhookFault::next(doubled).on(event)).unwrap();
    }
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    let once = "webhook_events where event in ('payment_intent.succeeded', 'checkout.session.completed', 'charge.succeeded')";
    assert_eq!(stall.count(once).await, 3);
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_decline_that_is_told_after_the_success_changes_nothing() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    for event in ["payment_intent.payment_failed", "charge.failed"] {
        let late = WebhookFaultKind::Delay { delay_ms: 60_000 };
        stall.stripe().add_webhook_fault(&key(), WebhookFault::next(late).on(event)).unwrap();
    }
    let page = stall.page(intent).await;
    stall.pay_at(&page, "pm_card_visa_chargeDeclined").await;
    stall.pay_at(&page, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.pass(61).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn what_is_not_signed_lately_under_the_secret_is_refused_and_leaves_nothing() {
    let stall = Stall::with_stripe().await;
    let (body, now_s) = (
        r#"{"id":"evt_1","type":"charge.succeeded","data":{"object":{"object":"charge"}}}"#,
        stall.now().timestamp(),
    );
    let good = signed(SECRET, body, now_s);
    let forged = [
        String::new(),
        signed("another", body, now_s),
        signed(SECRET, "{}", now_s),
        signed(SECRET, body, now_s - 301),
        signed(SECRET, body, now_s + 3_600),
        good.replace("v1=", "v0="),
        good.replace(&format!("t={now_s}"), &format!("t={}", now_s + 1)),
    ];
    for signature in forged {
        assert_eq!(tell(&stall, body, &signature).await, StatusCode::UNAUTHORIZED, "{signature}");
    }
    assert_eq!(stall.count("webhook_events").await, 0);
    assert_eq!(tell(&stall, body, &good).await, StatusCode::OK);
    assert_eq!(
        tell(&stall, body, &signed(SECRET, body, now_s + 5)).await,
        StatusCode::OK,
        "the same event again"
    );
    assert_eq!(stall.text("select event_id from webhook_events").await, "evt_1");
}

#[tokio::test]
async fn while_the_secret_is_exchanged_one_signature_of_two_counts() {
    let stall = Stall::with_stripe().await;
    let (body, now_s) =
        (r#"{"id":"evt_1","type":"x","data":{"object":{"object":"account"}}}"#, stall.now().timestamp());
    let old = signed("the old secret", body, now_s);
    let (_, new) =
        signed(SECRET, body, now_s).split_once(',').map(|(t, v1)| (t.to_owned(), v1.to_owned())).unwrap();
    assert_eq!(tell(&stall, body, &format!("{old},{new}")).await, StatusCode::OK);
    stall.work().await;
    let (_, page) = stall.get(operator(), "/operator/webhooks").await;
    assert_eq!(
        (&page["items"][0]["state"], &page["items"][0]["note"]),
        (&json!("ignored"), &json!("it is about no payment"))
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_set_up_takes_nothing() {
    let stall = Stall::with_gateway().await;
    assert_eq!(
        tell(&stall, "{}", &signed(SECRET, "{}", stall.now().timestamp())).await,
        StatusCode::NOT_FOUND
    );
    let stall = Stall::with_stripe().await;
    let request = Request::post("/webhooks/razorpay").body(Body::from("{}")).unwrap();
    let router = Router::from(stall.payments.routes()).layer(Extension(Caller::nobody()));
    assert_eq!(router.oneshot(request).await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_delivery_that_comes_again_after_a_failure_counts() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    let wrong = Endpoint::new(&format!("{}/webhooks/stripe", stall.hook), "the wrong secret");
    stall.stripe().set_webhooks(&key(), vec![wrong]).unwrap();
    let page = stall.page(intent).await;
    stall.stripe().pay(&Payment::of(&page)).unwrap();
    stall.stripe().settle().await;
    assert_eq!(stall.count("webhook_events").await, 0);
    let right = Endpoint::new(&format!("{}/webhooks/stripe", stall.hook), SECRET);
    stall.stripe().set_webhooks(&key(), vec![right]).unwrap();
    let told = stall.stripe().deliveries(&key()).unwrap();
    for delivery in told {
        stall.stripe().resend(delivery.id).unwrap();
    }
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}
