use std::time::Duration;

use emulator::{ApiFault, FaultKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Shop, answer};

fn spoil(shop: &Shop, fault: ApiFault) {
    shop.emulator.razorpay().add_fault(fault).unwrap();
}

async fn orders(shop: &Shop) -> usize {
    shop.get("/v1/orders").await["items"].as_array().unwrap().len()
}

fn new_order() -> Value {
    json!({ "amount": 75_000, "currency": "INR" })
}

#[tokio::test]
async fn a_fault_before_the_effect_changes_nothing_and_one_after_it_hides_what_was_done() {
    let shop = Shop::open().await;
    let down = FaultKind::Status { status: 503, retry_after_s: None };
    spoil(&shop, ApiFault::next_call(down.clone()).on("POST", "/v1/orders"));
    let (status, refusal) = shop.post("/v1/orders", new_order()).await;
    assert_eq!((status, &refusal["error"]["code"]), (503, &json!("SERVER_ERROR")));
    assert_eq!(orders(&shop).await, 0);
    spoil(&shop, ApiFault::next_call(down).on("POST", "/v1/orders").after_the_effect());
    assert_eq!(shop.post("/v1/orders", new_order()).await.0, 503);
    assert_eq!(orders(&shop).await, 1);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back() {
    let shop = Shop::open().await;
    spoil(&shop, ApiFault::next_call(FaultKind::Status { status: 429, retry_after_s: Some(7) }).times(2));
    for _ in 0..2 {
        let response = shop.request(Method::GET, "/v1/orders").send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"7".parse().unwrap())
        );
    }
    assert_eq!(orders(&shop).await, 0);
}

#[tokio::test]
async fn a_hanging_call_ends_with_the_callers_patience() {
    let shop = Shop::open().await;
    spoil(&shop, ApiFault::next_call(FaultKind::Hang).on("POST", "/v1/orders"));
    let impatient =
        shop.request(Method::POST, "/v1/orders").json(&new_order()).timeout(Duration::from_millis(50));
    assert!(impatient.send().await.unwrap_err().is_timeout());
    assert_eq!(orders(&shop).await, 0);
}

#[tokio::test]
async fn a_malformed_answer_is_no_json_and_a_truncated_one_breaks_off() {
    let shop = Shop::open().await;
    spoil(&shop, ApiFault::next_call(FaultKind::Malformed));
    let response = shop.request(Method::POST, "/v1/orders").json(&new_order()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert!(serde_json::from_slice::<Value>(&response.bytes().await.unwrap()).is_err());
    spoil(&shop, ApiFault::next_call(FaultKind::Truncated));
    let response = shop.request(Method::POST, "/v1/orders").json(&new_order()).send().await.unwrap();
    assert!(response.bytes().await.is_err());
    assert_eq!(orders(&shop).await, 2);
}

#[tokio::test]
async fn a_delayed_answer_is_the_right_one() {
    let shop = Shop::open().await;
    spoil(&shop, ApiFault::next_call(FaultKind::Delay { delay_ms: 5 }));
    let (status, order) = answer(shop.request(Method::POST, "/v1/orders").json(&new_order())).await;
    assert_eq!((status, &order["amount"]), (200, &json!(75_000)));
}

#[tokio::test]
async fn calls_are_recorded_with_their_status() {
    let shop = Shop::open().await;
    shop.post("/v1/orders", new_order()).await;
    shop.post("/v1/orders", json!({})).await;
    let calls = shop.emulator.razorpay().calls();
    let seen: Vec<_> =
        calls.iter().map(|call| (call.method.as_str(), call.path.as_str(), call.status)).collect();
    assert_eq!(seen, [("POST", "/v1/orders", Some(200)), ("POST", "/v1/orders", Some(400))]);
}
