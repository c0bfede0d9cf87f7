use axum::http::StatusCode;
use emulator::stripe::{DeliveryState, Endpoint, WebhookFault, WebhookFaultKind};
use serde_json::{Value, json};

use super::store::{Received, Receiver, Store, WEBHOOK_SECRET};
use crate::shop::{NOW_S, text};

const OF_A_PAYMENT: [&str; 3] = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"];

async fn open() -> (Store, Receiver) {
    let (store, receiver) = (Store::open().await, Receiver::open().await);
    store.notify(&receiver);
    (store, receiver)
}

fn spoil(store: &Store, fault: WebhookFault) {
    store.stripe().add_webhook_fault(&store.key, fault).unwrap();
}

async fn pay(store: &Store) -> Value {
    let intent = store.paid("pm_card_visa").await;
    store.stripe().settle().await;
    intent
}

#[tokio::test]
async fn a_payment_is_told_in_the_vendors_words_and_signed() {
    let (store, receiver) = open().await;
    let intent = pay(&store).await;
    assert_eq!(receiver.events(), OF_A_PAYMENT);
    let received = receiver.received();
    assert!(received.iter().all(Received::is_genuine));
    let told = received[2].json();
    assert_eq!(
        (&told["object"], &told["created"], &told["livemode"]),
        (&json!("event"), &json!(NOW_S), &json!(false))
    );
    assert_eq!(told["data"]["object"], intent);
    assert!(text(&told["request"]["id"]).starts_with("req_"));
    let kept = store.get(&format!("/v1/events/{}", text(&told["id"]))).await;
    assert_eq!((&told["pending_webhooks"], &kept["pending_webhooks"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_refused_webhook_comes_again_signed_anew() {
    let (store, receiver) = open().await;
    receiver.answers(&[StatusCode::INTERNAL_SERVER_ERROR]);
    pay(&store).await;
    assert_eq!(receiver.received().len(), 3);
    store.advance_s(59).await;
    assert_eq!(receiver.received().len(), 3);
    store.advance_s(1).await;
    let received = receiver.received();
    assert_eq!((received.len(), received[3].signed_s()), (4, NOW_S + 60));
    assert_eq!(received[3].body, received[0].body);
    assert_ne!(received[3].signature, received[0].signature);
    assert!(received[3].is_genuine());
}

#[tokio::test]
async fn an_endpoint_that_fails_for_three_days_is_given_up_for_that_event_only() {
    let (store, receiver) = open().await;
    receiver.answers(&[StatusCode::SERVICE_UNAVAILABLE; 60]);
    pay(&store).await;
    for _ in 0..80 {
        store.advance_s(3_600).await;
    }
    assert!(store.deliveries().iter().all(|delivery| delivery.state == DeliveryState::GivenUp));
    let pending = store.get("/v1/events?delivery_success=false").await;
    assert_eq!(pending["data"].as_array().unwrap().len(), 3);
    assert!(store.stripe().webhooks(&store.key).unwrap()[0].active);
}

#[tokio::test]
async fn webhooks_are_duplicated_reordered_and_lost_on_command() {
    let (store, receiver) = open().await;
    spoil(
        &store,
        WebhookFault::next(WebhookFaultKind::Duplicate { copies: 1, at_once: true }).on(OF_A_PAYMENT[2]),
    );
    spoil(
        &store,
        WebhookFault::next(WebhookFaultKind::Reorder { spacing_ms: 1_000 }).times(2).on(OF_A_PAYMENT[1]),
    );
    spoil(&store, WebhookFault::next(WebhookFaultKind::Lose).on(OF_A_PAYMENT[0]));
    pay(&store).await;
    assert_eq!(receiver.events(), [OF_A_PAYMENT[2]; 2]);
    store.advance_s(2).await;
    assert_eq!(receiver.events()[2..], [OF_A_PAYMENT[1]]);
    let lost = store.deliveries().into_iter().find(|delivery| delivery.state == DeliveryState::Lost).unwrap();
    store.stripe().resend(lost.id).unwrap();
    store.stripe().settle().await;
    assert_eq!(receiver.events()[3..], [OF_A_PAYMENT[0]]);
}

#[tokio::test]
async fn a_forged_webhook_does_not_verify() {
    let (store, receiver) = open().await;
    spoil(&store, WebhookFault::next(WebhookFaultKind::WrongSecret));
    spoil(&store, WebhookFault::next(WebhookFaultKind::FlipByte).on(OF_A_PAYMENT[1]));
    pay(&store).await;
    let genuine: Vec<bool> = receiver.received().iter().map(Received::is_genuine).collect();
    assert_eq!(genuine, [false, false, true]);
}

#[tokio::test]
async fn an_endpoint_hears_only_of_the_events_it_wants_and_only_on_this_machine() {
    let (store, receiver) = open().await;
    let wanted = vec!["payment_intent.succeeded".to_owned()];
    let endpoint = Endpoint { events: Some(wanted), ..Endpoint::new(&receiver.url, WEBHOOK_SECRET) };
    store.stripe().set_webhooks(&store.key, vec![endpoint]).unwrap();
    pay(&store).await;
    assert_eq!(receiver.events(), ["payment_intent.succeeded"]);
    let away = vec![Endpoint::new("https://shop.example/", "s")];
    assert!(store.stripe().set_webhooks(&store.key, away).is_err());
}

#[tokio::test]
async fn a_change_is_told_with_what_was_before() {
    let (store, receiver) = open().await;
    let customer = store.make("/v1/customers", &[("name", "Asha")]).await;
    store.make(&format!("/v1/customers/{}", text(&customer["id"])), &[("name", "Ravi")]).await;
    store.stripe().settle().await;
    let changed = receiver.received()[1].json();
    assert_eq!(changed["type"], "customer.updated");
    assert_eq!(changed["data"]["previous_attributes"], json!({ "name": "Asha" }));
}
