use std::time::Duration;

use emulator::{ApiFault, FaultKind};
use serde_json::json;

use super::store::{PAYMENT, Store, answer, header};
use crate::shop::{json_of, text};

const CARD: (&str, &str) = ("payment_method", "pm_card_visa");

fn payment() -> Vec<(&'static str, &'static str)> {
    [PAYMENT.as_slice(), &[CARD]].concat()
}

#[tokio::test]
async fn a_request_under_a_key_happens_once_and_its_answer_comes_again() {
    let store = Store::open().await;
    let keyed = || store.posting("/v1/payment_intents", &payment()).header("Idempotency-Key", "key-1");
    let first = keyed().send().await.unwrap();
    let request_id = header(&first, "request-id").unwrap();
    let first = json_of(first).await;
    let again = keyed().send().await.unwrap();
    assert_eq!(header(&again, "idempotent-replayed").as_deref(), Some("true"));
    assert_eq!(header(&again, "original-request"), Some(request_id));
    assert_eq!(json_of(again).await, first);
    assert_eq!(store.get("/v1/charges").await["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_order_of_parameters_does_not_matter_and_their_values_do() {
    let store = Store::open().await;
    let send = |params: Vec<(&'static str, &'static str)>| {
        answer(store.posting("/v1/customers", &params).header("Idempotency-Key", "key-1"))
    };
    let first = send(vec![("name", "Asha"), ("email", "asha@example.com")]).await;
    assert_eq!(send(vec![("email", "asha@example.com"), ("name", "Asha")]).await, first);
    let (status, refused) = send(vec![("name", "Ravi"), ("email", "asha@example.com")]).await;
    assert_eq!((status, &refused["error"]["type"]), (400, &json!("idempotency_error")));
    let elsewhere = store.posting("/v1/refunds", &[]).header("Idempotency-Key", "key-1");
    let (_, refused) = answer(elsewhere).await;
    assert!(text(&refused["error"]["message"]).contains("('/v1/refunds' vs '/v1/customers')"));
}

#[tokio::test]
async fn a_decline_is_kept_and_refused_parameters_are_not() {
    let store = Store::open().await;
    let declined = [PAYMENT.as_slice(), &[("payment_method", "pm_card_visa_chargeDeclined")]].concat();
    let send = |params: Vec<(&'static str, &'static str)>, key: &'static str| {
        answer(store.posting("/v1/payment_intents", &params).header("Idempotency-Key", key))
    };
    let first = send(declined.clone(), "declined").await;
    assert_eq!(first.0, 402);
    assert_eq!(send(declined, "declined").await, first);
    assert_eq!(send(vec![("currency", "inr")], "mended").await.0, 400);
    assert_eq!(send(payment(), "mended").await.0, 200);
}

#[tokio::test]
async fn a_server_error_is_kept_too_and_sdks_are_told_not_to_retry() {
    let store = Store::open().await;
    let broken = FaultKind::Status { status: 500, retry_after_s: None };
    store.stripe().add_fault(ApiFault::next_call(broken)).unwrap();
    let keyed = || store.posting("/v1/payment_intents", &payment()).header("Idempotency-Key", "key-1");
    let failed = keyed().send().await.unwrap();
    assert_eq!(
        (failed.status().as_u16(), header(&failed, "stripe-should-retry").as_deref()),
        (500, Some("false"))
    );
    assert_eq!(answer(keyed()).await.0, 500);
    assert_eq!(store.events().await, [""; 0]);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let store = Store::open().await;
    let keyed =
        || answer(store.posting("/v1/customers", &[("name", "Asha")]).header("Idempotency-Key", "key-1"));
    let first = keyed().await.1;
    store.advance_s(86_399).await;
    assert_eq!(keyed().await.1["id"], first["id"]);
    store.advance_s(1).await;
    assert_ne!(keyed().await.1["id"], first["id"]);
}

#[tokio::test]
async fn a_key_that_is_in_use_is_refused_until_its_answer_is_there() {
    let store = Store::open().await;
    store.set(|settings| settings.keyed_request_takes_ms = 5_000);
    let keyed =
        || answer(store.posting("/v1/customers", &[("name", "Asha")]).header("Idempotency-Key", "key-1"));
    let slow = tokio::spawn(keyed());
    while store.stripe().calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (status, refused) = loop {
        // The first call may be on its way to the key still.
        let second = tokio::time::timeout(Duration::from_millis(200), keyed()).await;
        if let Ok(answered) = second {
            break answered;
        }
    };
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("idempotency_key_in_use")));
    store.emulator.clock().advance(Duration::from_secs(5));
    assert_eq!(slow.await.unwrap().0, 200);
    assert_eq!(keyed().await.0, 200);
}
