//! Customers, mandates and their charges.

use std::time::Duration;

use emulator::razorpay::{Method, Mishap, Play, Settings, TokenStatus};
use serde_json::{Value, json};

use crate::shop::{Receiver, Shop, text};

const NOTICE: Duration = Duration::from_hours(25);

async fn customer(shop: &Shop) -> String {
    let body = json!({ "name": "Meena", "contact": "+919876543210", "fail_existing": "0" });
    text(&shop.post("/v1/customers", body).await.1["id"])
}

/// A customer with a mandate of ₹5,000.
async fn registered(shop: &Shop, method: Method) -> (String, Value) {
    let customer = customer(shop).await;
    let order = shop.order_with(json!({ "customer_id": customer, "token": { "max_amount": 500_000 } })).await;
    shop.emulator.razorpay().play(&Play::order(&order).registering(method)).unwrap();
    let tokens = shop.get(&format!("/v1/customers/{customer}/tokens")).await;
    (customer, tokens["items"][0].clone())
}

async fn charge(shop: &Shop, customer: &str, token: &Value, amount: i64) -> (u16, Value) {
    let order = text(&shop.post("/v1/orders", json!({ "amount": amount, "currency": "INR" })).await.1["id"]);
    let body = json!({
        "email": "void@razorpay.com", "contact": "+919876543210", "amount": amount, "currency": "INR", "order_id": order,
        "customer_id": customer, "token": token["id"], "recurring": "1",
    });
    shop.post("/v1/payments/create/recurring", body).await
}

async fn status(shop: &Shop, charged: &Value) -> String {
    text(&shop.get(&format!("/v1/payments/{}", text(&charged["razorpay_payment_id"]))).await["status"])
}

fn turn(shop: &Shop, token: &Value, status: TokenStatus) {
    let turned = Mishap::MandateTurned { token_id: text(&token["id"]), status };
    shop.emulator.razorpay().suffer(&shop.key_id, &turned).unwrap();
}

#[tokio::test]
async fn a_mandate_is_registered_by_a_payment_and_charged_after_notice() {
    let shop = Shop::open().await;
    for method in [Method::Upi, Method::Card] {
        let (customer, _) = registered(&shop, method).await;
        let tokens = shop.get(&format!("/v1/customers/{customer}/tokens")).await;
        let token = &tokens["items"][0];
        assert_eq!(
            (&token["entity"], &token["recurring_details"]["status"], &token["max_amount"]),
            (&json!("token"), &json!("confirmed"), &json!(500_000))
        );
        let (code, charged) = charge(&shop, &customer, token, 29_900).await;
        assert_eq!(code, 200, "{charged}");
        assert_eq!(status(&shop, &charged).await, "created");
        shop.emulator.clock().advance(NOTICE);
        assert_eq!(status(&shop, &charged).await, "captured");
    }
}

#[tokio::test]
async fn a_charge_is_refused_above_the_maximum_or_while_paused_and_fails_where_the_mandate_ends() {
    let shop = Shop::open().await;
    let receiver = Receiver::open().await;
    shop.notify(&receiver);
    let (customer, token) = registered(&shop, Method::Upi).await;
    assert_eq!(charge(&shop, &customer, &token, 500_001).await.0, 400);
    turn(&shop, &token, TokenStatus::Paused);
    assert_eq!(charge(&shop, &customer, &token, 29_900).await.0, 400);
    turn(&shop, &token, TokenStatus::Confirmed);
    let charged = charge(&shop, &customer, &token, 29_900).await.1;
    turn(&shop, &token, TokenStatus::Cancelled);
    assert_eq!(status(&shop, &charged).await, "failed");
    shop.emulator.razorpay().settle().await;
    let mut events = receiver.events();
    events.retain(|event| event.starts_with("token.") || event == "payment.failed");
    events.sort_unstable();
    let expected =
        ["payment.failed", "token.cancelled", "token.confirmed", "token.confirmed", "token.paused"];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn a_bank_may_say_no_and_a_mandate_without_notice_is_charged_at_once() {
    let shop = Shop::open().await;
    let (customer, token) = registered(&shop, Method::Card).await;
    let set = |fails: Option<&str>| {
        let mandate_debits_fail = fails.map(str::to_owned);
        let settings = Settings { mandate_notice_s: 0, mandate_debits_fail, ..Settings::default() };
        shop.emulator.razorpay().set_settings(&shop.key_id, settings).unwrap();
    };
    set(None);
    let charged = charge(&shop, &customer, &token, 29_900).await.1;
    assert_eq!(status(&shop, &charged).await, "captured");
    set(Some("insufficient_funds"));
    let charged = charge(&shop, &customer, &token, 29_900).await.1;
    assert_eq!(status(&shop, &charged).await, "failed");
}
