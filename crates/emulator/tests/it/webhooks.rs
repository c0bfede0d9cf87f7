use std::time::Duration;

use axum::http::StatusCode;
use emulator::Options;
use emulator::razorpay::{DeliveryState, Endpoint, Outcome, Play, WebhookFault, WebhookFaultKind};
use serde_json::{Value, json};

use crate::shop::{NOW_S, Received, Receiver, Shop, text};

const ALL_OF_AN_ORDER: [&str; 3] = ["payment.authorized", "payment.captured", "order.paid"];

async fn shop() -> (Shop, Receiver) {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.notify(&receiver);
    (shop, receiver)
}

fn spoil(shop: &Shop, fault: WebhookFault) {
    shop.emulator.razorpay().add_webhook_fault(&shop.key_id, fault).unwrap();
}

async fn pay(shop: &Shop) {
    let order = shop.order().await;
    shop.play(&Play::order(&order));
    shop.emulator.razorpay().settle().await;
}

#[tokio::test]
async fn a_paid_order_is_told_in_the_vendors_words_and_signed() {
    let (shop, receiver) = shop().await;
    let order = shop.order().await;
    let played = shop.play(&Play::order(&order));
    shop.emulator.razorpay().settle().await;
    assert_eq!(receiver.events(), ALL_OF_AN_ORDER);
    let received = receiver.received();
    assert!(received.iter().all(Received::is_genuine));
    let paid = received[2].json();
    assert_eq!(paid["entity"], "event");
    assert_eq!(paid["contains"], json!(["payment", "order"]));
    assert_eq!(paid["created_at"], NOW_S);
    assert!(text(&paid["account_id"]).starts_with("acc_"));
    assert_eq!(paid["payload"]["order"]["entity"]["status"], "paid");
    assert_eq!(paid["payload"]["payment"]["entity"], played.payment);
}

#[tokio::test]
async fn the_body_is_what_was_true_when_the_event_happened() {
    let (shop, receiver) = shop().await;
    pay(&shop).await;
    let statuses: Vec<Value> = receiver
        .received()
        .iter()
        .map(|webhook| webhook.json()["payload"]["payment"]["entity"]["status"].clone())
        .collect();
    assert_eq!(statuses, ["authorized", "captured", "captured"]);
}

#[tokio::test]
async fn an_endpoint_hears_only_of_the_events_it_wants() {
    let (shop, receiver) = shop().await;
    let wanted = Endpoint {
        events: Some(vec!["order.paid".to_owned()]),
        ..Endpoint::new(&receiver.url, crate::shop::WEBHOOK_SECRET)
    };
    shop.emulator.razorpay().set_webhooks(&shop.key_id, vec![wanted]).unwrap();
    pay(&shop).await;
    assert_eq!(receiver.events(), ["order.paid"]);
}

#[tokio::test]
async fn a_refused_webhook_comes_again_with_the_same_bytes_after_a_pause() {
    let (shop, receiver) = shop().await;
    receiver.answers(&[
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::OK,
        StatusCode::OK,
        StatusCode::NOT_FOUND,
    ]);
    pay(&shop).await;
    assert_eq!(receiver.received().len(), 3);
    shop.advance_s(4).await;
    assert_eq!(receiver.received().len(), 3);
    shop.advance_s(1).await;
    shop.advance_s(10).await;
    let received = receiver.received();
    let first: Vec<_> = [0, 3, 4].map(|at| (&received[at].event_id, &received[at].body)).to_vec();
    assert!(first.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(received.len(), 5);
    let attempts: Vec<Option<u16>> =
        shop.deliveries()[0].attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(attempts, [Some(500), Some(404), Some(200)]);
}

#[tokio::test]
async fn an_endpoint_that_fails_for_a_day_is_switched_off() {
    let (shop, receiver) = shop().await;
    receiver.answers(&[StatusCode::SERVICE_UNAVAILABLE; 200]);
    pay(&shop).await;
    for _ in 0..26 {
        shop.advance_s(3_600).await;
    }
    assert_eq!(shop.states(), [DeliveryState::GivenUp; 3]);
    assert!(!shop.emulator.razorpay().webhooks(&shop.key_id).unwrap()[0].active);
    let before = receiver.received().len();
    pay(&shop).await;
    assert_eq!(receiver.received().len(), before);
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_in_time_counts_as_failed() {
    let options =
        Options { webhook_answer_within: Duration::from_millis(50), ..Options::repeatable(NOW_S, 7) };
    let shop = Shop::open_with(options).await;
    // It accepts connections and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    shop.emulator.razorpay().set_webhooks(&shop.key_id, vec![Endpoint::new(&url, "s")]).unwrap();
    pay(&shop).await;
    let deliveries = shop.deliveries();
    assert!(deliveries.iter().all(|delivery| delivery.state == DeliveryState::Pending));
    let attempt = &deliveries[0].attempts[0];
    assert_eq!((attempt.status, attempt.error.as_deref()), (None, Some("no answer in time")));
}

#[tokio::test]
async fn a_duplicated_webhook_has_one_event_id() {
    let (shop, receiver) = shop().await;
    spoil(
        &shop,
        WebhookFault::next(WebhookFaultKind::Duplicate { copies: 2, at_once: false }).on("order.paid"),
    );
    spoil(
        &shop,
        WebhookFault::next(WebhookFaultKind::Duplicate { copies: 1, at_once: true }).on("payment.captured"),
    );
    pay(&shop).await;
    let mut ids: Vec<String> = receiver.received().iter().map(|webhook| webhook.event_id.clone()).collect();
    assert_eq!(ids.len(), 1 + 2 + 3);
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_delayed_webhook_waits_for_the_clock() {
    let (shop, receiver) = shop().await;
    spoil(&shop, WebhookFault::next(WebhookFaultKind::Delay { delay_ms: 90_000 }).on("payment.captured"));
    pay(&shop).await;
    assert_eq!(receiver.events(), ["payment.authorized", "order.paid"]);
    shop.advance_s(90).await;
    assert_eq!(receiver.events(), ["payment.authorized", "order.paid", "payment.captured"]);
}

#[tokio::test]
async fn reordered_webhooks_arrive_last_first() {
    let (shop, receiver) = shop().await;
    spoil(&shop, WebhookFault::next(WebhookFaultKind::Reorder { spacing_ms: 1_000 }).times(3));
    pay(&shop).await;
    assert_eq!(receiver.events(), [""; 0]);
    shop.advance_s(3).await;
    let mut backwards = ALL_OF_AN_ORDER;
    backwards.reverse();
    assert_eq!(receiver.events(), backwards);
}

#[tokio::test]
async fn a_lost_webhook_never_comes_until_it_is_resent() {
    let (shop, receiver) = shop().await;
    spoil(&shop, WebhookFault::next(WebhookFaultKind::Lose).always());
    pay(&shop).await;
    shop.advance_s(48 * 3_600).await;
    assert_eq!(receiver.events(), [""; 0]);
    assert_eq!(shop.states(), [DeliveryState::Lost; 3]);
    shop.emulator.razorpay().resend(shop.deliveries()[1].id).unwrap();
    shop.emulator.razorpay().settle().await;
    assert_eq!(receiver.events(), ["payment.captured"]);
    assert!(receiver.received()[0].is_genuine());
}

#[tokio::test]
async fn a_flipped_byte_breaks_the_signature_and_the_retry_is_sound() {
    let (shop, receiver) = shop().await;
    receiver.answers(&[StatusCode::BAD_REQUEST]);
    spoil(&shop, WebhookFault::next(WebhookFaultKind::FlipByte));
    pay(&shop).await;
    shop.advance_s(5).await;
    let received = receiver.received();
    let genuine: Vec<bool> = received.iter().map(Received::is_genuine).collect();
    assert_eq!(genuine, [false, true, true, true]);
    let differing =
        received[0].body.iter().zip(&received[3].body).filter(|(sent, meant)| sent != meant).count();
    assert_eq!(differing, 1);
}

#[tokio::test]
async fn a_wrong_secret_stays_wrong() {
    let (shop, receiver) = shop().await;
    receiver.answers(&[StatusCode::BAD_REQUEST]);
    spoil(&shop, WebhookFault::next(WebhookFaultKind::WrongSecret));
    pay(&shop).await;
    shop.advance_s(5).await;
    let genuine: Vec<bool> = receiver.received().iter().map(Received::is_genuine).collect();
    assert_eq!(genuine, [false, true, true, false]);
}

#[tokio::test]
async fn a_retry_is_signed_with_the_old_secret_and_a_resend_with_the_new_one() {
    let (shop, receiver) = shop().await;
    receiver.answers(&[StatusCode::BAD_REQUEST, StatusCode::OK, StatusCode::OK]);
    pay(&shop).await;
    let changed = vec![Endpoint::new(&receiver.url, "the new secret")];
    shop.emulator.razorpay().set_webhooks(&shop.key_id, changed).unwrap();
    shop.advance_s(5).await;
    assert!(receiver.received()[3].is_genuine());
    shop.emulator.razorpay().resend(shop.deliveries()[0].id).unwrap();
    shop.emulator.razorpay().settle().await;
    assert!(!receiver.received()[4].is_genuine());
}

#[tokio::test]
async fn a_late_bank_fails_first_and_pays_after() {
    let (shop, receiver) = shop().await;
    let order = shop.order().await;
    let late = Outcome::Late { fails_after_s: 600, authorizes_after_s: Some(3_600) };
    shop.play(&Play::order(&order).with(late));
    shop.advance_s(599).await;
    assert_eq!(receiver.events(), [""; 0]);
    shop.advance_s(1).await;
    assert_eq!(receiver.events(), ["payment.failed"]);
    assert_eq!(shop.get(&format!("/v1/orders/{order}")).await["status"], "attempted");
    shop.advance_s(3_000).await;
    assert_eq!(receiver.events()[1..], ALL_OF_AN_ORDER);
    let failed = &receiver.received()[0].json()["payload"]["payment"]["entity"];
    assert_eq!(failed["error_reason"], "payment_timed_out");
    assert_eq!(shop.get(&format!("/v1/orders/{order}")).await["status"], "paid");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (shop, receiver) = shop().await;
        spoil(&shop, WebhookFault::next(WebhookFaultKind::FlipByte).times(2));
        pay(&shop).await;
        let bytes: Vec<_> = receiver.received().into_iter().map(|got| (got.event_id, got.body)).collect();
        runs.push(bytes);
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0].len(), 3);
}
