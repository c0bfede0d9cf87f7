use std::time::Duration;

use emulator::razorpay::{RefundFate, Settings};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Receiver, Shop, answer, text};

async fn refund(shop: &Shop, payment: &str, key: &str, body: Value) -> (u16, Value) {
    let path = format!("/v1/payments/{payment}/refund");
    answer(shop.request(Method::POST, &path).header("X-Refund-Idempotency", key).json(&body)).await
}

async fn refunded(shop: &Shop, payment: &str) -> i64 {
    shop.get(&format!("/v1/payments/{payment}")).await["amount_refunded"].as_i64().unwrap()
}

#[tokio::test]
async fn a_second_request_with_the_same_key_in_flight_is_a_conflict() {
    let shop = Shop::open().await;
    let payment = shop.captured_payment().await;
    shop.set(|settings: &mut Settings| settings.refund_takes_ms = 60_000);
    let key = "in-flight-0001";
    let (first, second) = (refund(&shop, &payment, key, json!({})), refund(&shop, &payment, key, json!({})));
    tokio::pin!(first, second);
    // The clock stands still, so the one that took the key cannot finish before the other is answered.
    let (conflict, other) = tokio::select! {
        answer = &mut first => (answer, second),
        answer = &mut second => (answer, first),
    };
    assert_eq!(conflict.0, 409);
    shop.emulator.clock().advance(Duration::from_mins(1));
    let (status, made) = other.await;
    assert_eq!((status, &made["status"]), (200, &json!("processed")));
    assert_eq!(refund(&shop, &payment, key, json!({})).await, (200, made));
    assert_eq!(refunded(&shop, &payment).await, 75_000);
}

#[tokio::test]
async fn a_refund_goes_on_when_its_caller_hangs_up() {
    let shop = Shop::open().await;
    let payment = shop.captured_payment().await;
    shop.set(|settings: &mut Settings| settings.refund_takes_ms = 60_000);
    let body = json!({});
    {
        let first = refund(&shop, &payment, "hung-up-000001", body.clone());
        let second = refund(&shop, &payment, "hung-up-000001", body);
        tokio::pin!(first, second);
        let conflict = tokio::select! { answer = &mut first => answer, answer = &mut second => answer };
        assert_eq!(conflict.0, 409);
        // The other request holds the key; leaving this block closes its connection.
    }
    shop.emulator.clock().advance(Duration::from_mins(1));
    let mut looks = 0;
    while refunded(&shop, &payment).await == 0 {
        looks += 1;
        assert!(looks < 1_000, "the refund died with its caller");
    }
    assert_eq!(refunded(&shop, &payment).await, 75_000);
}

#[tokio::test]
async fn a_request_that_was_refused_frees_its_key() {
    let shop = Shop::open().await;
    let payment = shop.captured_payment().await;
    let key = "refused-0000001";
    assert_eq!(refund(&shop, &payment, key, json!({ "amount": 75_001 })).await.0, 400);
    assert_eq!(refund(&shop, &payment, key, json!({ "amount": 75_000 })).await.0, 200);
}

#[tokio::test]
async fn a_key_is_bound_to_its_payment_and_its_body() {
    let shop = Shop::open().await;
    let (one, other) = (shop.captured_payment().await, shop.captured_payment().await);
    let key = "bound-00000001";
    assert_eq!(refund(&shop, &one, key, json!({ "amount": 100 })).await.0, 200);
    assert_eq!(refund(&shop, &other, key, json!({ "amount": 100 })).await.0, 400);
    assert_eq!(refund(&shop, &one, key, json!({ "amount": 200 })).await.0, 400);
    for bad in ["short", "has spaces in it", "ünïcödé-key-01", ""] {
        let path = format!("/v1/payments/{one}/refund");
        let header = reqwest::header::HeaderValue::from_bytes(bad.as_bytes()).unwrap();
        let request =
            shop.request(Method::POST, &path).header("X-Refund-Idempotency", header).json(&json!({}));
        assert_eq!(answer(request).await.0, 400, "{bad}");
    }
    assert_eq!(refunded(&shop, &one).await, 100);
}

#[tokio::test]
async fn many_refunds_at_once_never_give_back_more_than_was_paid() {
    let shop = Shop::open().await;
    let payment = shop.captured_payment().await;
    let path = format!("/v1/payments/{payment}/refund");
    let answers = join_all((0..8).map(|_| shop.post(&path, json!({ "amount": 20_000 })))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 3);
    assert_eq!(refunded(&shop, &payment).await, 60_000);
}

#[tokio::test]
async fn a_payment_that_was_not_captured_cannot_be_refunded() {
    let shop = Shop::open().await;
    let order = shop.order_with(json!({ "payment_capture": false })).await;
    let payment = text(&shop.play(&emulator::razorpay::Play::order(&order)).payment["id"]);
    let (status, refusal) = shop.post(&format!("/v1/payments/{payment}/refund"), json!({})).await;
    assert_eq!(status, 400);
    assert!(text(&refusal["error"]["description"]).contains("should be captured"));
}

#[tokio::test]
async fn a_pending_refund_is_processed_in_its_time() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.set(|settings| settings.refunds = RefundFate::ProcessedLater { after_s: 86_400 });
    let payment = shop.captured_payment().await;
    shop.notify(&receiver);
    let (_, refund) = shop.post(&format!("/v1/payments/{payment}/refund"), json!({ "amount": 500 })).await;
    assert_eq!(refund["status"], "pending");
    shop.advance_s(86_400).await;
    assert_eq!(receiver.events(), ["refund.created", "refund.processed"]);
    let shown = shop.get(&format!("/v1/refunds/{}", text(&refund["id"]))).await;
    assert_eq!(shown["status"], "processed");
}

#[tokio::test]
async fn a_failed_refund_gives_the_amount_back_to_the_payment() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.set(|settings| settings.refunds = RefundFate::FailedLater { after_s: 60 });
    let payment = shop.captured_payment().await;
    shop.notify(&receiver);
    shop.post(&format!("/v1/payments/{payment}/refund"), json!({})).await;
    assert_eq!(shop.get(&format!("/v1/payments/{payment}")).await["status"], "refunded");
    shop.advance_s(60).await;
    assert_eq!(receiver.events(), ["refund.created", "refund.failed"]);
    let shown = shop.get(&format!("/v1/payments/{payment}")).await;
    assert_eq!((&shown["status"], &shown["refund_status"]), (&json!("captured"), &Value::Null));
    let announced = &receiver.received()[1].json()["payload"]["payment"]["entity"];
    assert_eq!((&announced["amount_refunded"], &announced["base_amount"]), (&json!(0), &json!(75_000)));
}
