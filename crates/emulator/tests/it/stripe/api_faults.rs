use std::time::Duration;

use emulator::{ApiFault, FaultKind};
use serde_json::json;

use super::store::{PAYMENT, Store, answer, header};
use crate::shop::text;

fn down(status: u16) -> FaultKind {
    FaultKind::Status { status, retry_after_s: None }
}

fn payment() -> Vec<(&'static str, &'static str)> {
    [PAYMENT.as_slice(), &[("payment_method", "pm_card_visa")]].concat()
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_again_and_nothing_happened() {
    let store = Store::open().await;
    let limited = FaultKind::Status { status: 429, retry_after_s: Some(3) };
    store.stripe().add_fault(ApiFault::next_call(limited).on("POST", "/v1/payment_intents")).unwrap();
    let response = store.posting("/v1/payment_intents", &payment()).send().await.unwrap();
    assert_eq!((response.status().as_u16(), header(&response, "retry-after").as_deref()), (429, Some("3")));
    assert_eq!(store.events().await, [""; 0]);
    assert_eq!(store.post("/v1/payment_intents", &payment()).await.0, 200);
}

#[tokio::test]
async fn an_answer_lost_after_the_money_moved_is_found_by_its_key() {
    let store = Store::open().await;
    for (key, fault) in [("lost", down(504)), ("late", FaultKind::Hang), ("cut", FaultKind::Truncated)] {
        let rule = ApiFault::next_call(fault).on("POST", "/v1/payment_intents").after_the_effect();
        store.stripe().add_fault(rule).unwrap();
        let keyed = || {
            let request = store.posting("/v1/payment_intents", &payment());
            request.header("Idempotency-Key", key).timeout(Duration::from_millis(500))
        };
        let lost = match keyed().send().await {
            Ok(response) => response.status().as_u16() == 504 || response.bytes().await.is_err(),
            Err(error) => error.is_timeout(),
        };
        assert!(lost, "{key}");
        let (status, found) = answer(keyed()).await;
        assert_eq!((status, &found["status"]), (200, &json!("succeeded")));
        let charges = store.get(&format!("/v1/charges?payment_intent={}", text(&found["id"]))).await;
        assert_eq!(charges["data"].as_array().unwrap().len(), 1);
    }
    assert_eq!(store.get("/v1/charges").await["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_fault_strikes_the_calls_it_names() {
    let store = Store::open().await;
    let rule = ApiFault::next_call(down(503)).on("POST", "/v1/payment_intents/*/confirm");
    store.stripe().add_fault(rule).unwrap();
    let created = store.make("/v1/payment_intents", &PAYMENT[..4]).await;
    let path = format!("/v1/payment_intents/{}/confirm", text(&created["id"]));
    let (status, refused) = store.post(&path, &[("payment_method", "pm_card_visa")]).await;
    assert_eq!((status, &refused["error"]["type"]), (503, &json!("api_error")));
    let calls: Vec<_> = store.stripe().calls().iter().map(|call| call.status).collect();
    assert_eq!(calls, [Some(200), Some(503)]);
}
