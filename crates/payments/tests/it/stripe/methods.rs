//! Cards that the gateway keeps: kept with a top-up, charged without their owner, forgotten.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use emulator::stripe::Payment;
use emulator::{ApiFault, FaultKind};
use identity::Caller;
use payments::{Error, NewTopUp, TOP_UPS};
use serde_json::{Value, json};
use types::PaymentMethodId;

use crate::stall::{Stall, signed_in};

/// ₹500.
const PRICE: i64 = 500_00;

fn new_top_up(stall: &Stall) -> NewTopUp {
    NewTopUp { keep_method: true, ..stall.new_top_up(PRICE) }
}

async fn state(stall: &Stall, new: &NewTopUp) -> Value {
    stall.top_up(new).await["state"].clone()
}

/// Tops up with a card that is to be kept.
async fn keep(stall: &Stall, card: &str) {
    let new = new_top_up(stall);
    let intent = stall.open_top_up(&new).await.unwrap();
    stall.work().await;
    let paid = stall.pay_at(&stall.page(intent).await, card).await;
    if state(stall, &new).await != "paid" {
        stall.answer_bank(&paid, true).await;
    }
    assert_eq!(state(stall, &new).await, "paid");
}

async fn kept(stall: &Stall) -> Vec<Value> {
    let (status, cards) = stall.get(stall.vendor(), "/payment-methods").await;
    assert_eq!(status, StatusCode::OK, "{cards}");
    cards.as_array().unwrap().clone()
}

async fn act(stall: &Stall, caller: Caller, method: Method, path: &str) -> StatusCode {
    let status = stall.call(caller, method, path, None).await.0;
    stall.work().await;
    status
}

fn id(card: &Value) -> PaymentMethodId {
    PaymentMethodId::from_uuid(card["id"].as_str().unwrap().parse().unwrap())
}

/// A top-up that charges a kept card, and where it stands then.
async fn charge(stall: &Stall, card: &Value) -> (NewTopUp, Value) {
    let new = NewTopUp { method: Some(id(card)), ..new_top_up(stall) };
    stall.open_top_up(&new).await.unwrap();
    stall.work().await;
    let state = state(stall, &new).await;
    (new, state)
}

#[tokio::test]
async fn a_card_is_kept_with_a_top_up_and_charged_without_asking() {
    let stall = Stall::with_stripe().await;
    keep(&stall, "pm_card_visa").await;
    let cards = kept(&stall).await;
    assert_eq!(cards.len(), 1);
    assert_eq!(
        (&cards[0]["brand"], &cards[0]["last4"], &cards[0]["is_default"]),
        (&json!("visa"), &json!("4242"), &json!(true))
    );
    assert_eq!((&cards[0]["expires_month"], &cards[0]["expires_year"]), (&json!(12), &json!(2034)));
    assert_eq!(charge(&stall, &cards[0]).await.1, "paid");
    assert_eq!(stall.count("outbox_events where kind = 'top-up-paid'").await, 2);
    assert_eq!(stall.balance(TOP_UPS).await, 2 * PRICE);
    assert_eq!(stall.balance("gateway:stripe").await, 2 * PRICE);
    assert_eq!(stall.count_at_stripe("/v1/customers").await, 1);
    assert_eq!(kept(&stall).await.len(), 1, "the same card is kept once");
}

#[tokio::test]
async fn the_same_card_again_is_the_same_and_another_can_be_used_first() {
    let stall = Stall::with_stripe().await;
    for card in ["pm_card_visa", "pm_card_visa", "pm_card_mastercard"] {
        keep(&stall, card).await;
    }
    let cards = kept(&stall).await;
    let brands: Vec<&str> = cards.iter().map(|card| card["brand"].as_str().unwrap()).collect();
    assert_eq!(brands, ["visa", "mastercard"], "the one that is used first is at the top");
    let path = format!("/payment-methods/{}/default", cards[1]["id"].as_str().unwrap());
    assert_eq!(act(&stall, stall.vendor(), Method::POST, &path).await, StatusCode::OK);
    let first: Vec<(Value, Value)> =
        kept(&stall).await.iter().map(|card| (card["brand"].clone(), card["is_default"].clone())).collect();
    assert_eq!(first, [(json!("mastercard"), json!(true)), (json!("visa"), json!(false))]);
}

#[tokio::test]
async fn a_card_that_wants_its_owner_or_says_no_fails_and_is_told_once() {
    for card in ["pm_card_authenticationRequired", "pm_card_visa"] {
        let stall = Stall::with_stripe().await;
        keep(&stall, card).await;
        let cards = kept(&stall).await;
        if card == "pm_card_visa" {
            let says_no = FaultKind::Status { status: 402, retry_after_s: None };
            stall.stripe().add_fault(ApiFault::next_call(says_no).on("POST", "/v1/payment_intents")).unwrap();
        }
        let (new, failed) = charge(&stall, &cards[0]).await;
        assert_eq!(failed, "failed", "{card}");
        let told =
            format!("outbox_events where kind = 'top-up-failed' and payload->>'top_up' = '{}'", new.id);
        assert_eq!(stall.count(&told).await, 1);
        stall.pass(3_600).await;
        assert_eq!((state(&stall, &new).await, stall.count(&told).await), (json!("expired"), 1));
        assert_eq!(stall.balance(TOP_UPS).await, PRICE, "nothing but what the card was kept with");
    }
}

#[tokio::test]
async fn a_charge_whose_answer_was_lost_is_made_once() {
    let stall = Stall::with_stripe().await;
    keep(&stall, "pm_card_visa").await;
    let cards = kept(&stall).await;
    let lost = FaultKind::Status { status: 504, retry_after_s: None };
    let lost = ApiFault::next_call(lost).on("POST", "/v1/payment_intents").after_the_effect();
    stall.stripe().add_fault(lost).unwrap();
    let (new, _) = charge(&stall, &cards[0]).await;
    stall.pass(120).await;
    assert_eq!(state(&stall, &new).await, "paid");
    assert_eq!(stall.count_at_stripe("/v1/charges").await, 2, "one kept the card, one charged it");
    assert_eq!(stall.balance(TOP_UPS).await, 2 * PRICE);
}

#[tokio::test]
async fn a_card_that_is_removed_is_forgotten_and_charged_no_more() {
    let stall = Stall::with_stripe().await;
    keep(&stall, "pm_card_visa").await;
    keep(&stall, "pm_card_mastercard").await;
    let cards = kept(&stall).await;
    let path = format!("/payment-methods/{}", cards[0]["id"].as_str().unwrap());
    let stranger = signed_in(Some(stall.test.entropy.id(stall.now())), false);
    assert_eq!(act(&stall, stranger, Method::DELETE, &path).await, StatusCode::NOT_FOUND);
    assert_eq!(act(&stall, stall.buyer(), Method::DELETE, &path).await, StatusCode::UNAUTHORIZED);
    // It is charged at this moment: the charge comes too late.
    let under_way = NewTopUp { method: Some(id(&cards[0])), ..new_top_up(&stall) };
    stall.open_top_up(&under_way).await.unwrap();
    assert_eq!(act(&stall, stall.vendor(), Method::DELETE, &path).await, StatusCode::OK);
    assert_eq!(state(&stall, &under_way).await, "failed");
    let left = kept(&stall).await;
    assert_eq!(
        (left.len(), &left[0]["last4"], &left[0]["is_default"]),
        (1, &cards[1]["last4"], &json!(true))
    );
    let customer = stall.text("select gateway_customer_id from gateway_customers").await;
    let path = format!("/v1/customers/{customer}/payment_methods?type=card");
    assert_eq!(stall.count_at_stripe(&path).await, 1);
    let gone = NewTopUp { method: Some(id(&cards[0])), ..new_top_up(&stall) };
    assert!(matches!(stall.open_top_up(&gone).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_charge_is_made_once_even_after_the_gateway_forgot_its_key() {
    let stall = Stall::with_stripe().await;
    keep(&stall, "pm_card_visa").await;
    let cards = kept(&stall).await;
    let lost = FaultKind::Status { status: 504, retry_after_s: None };
    let lost = ApiFault::next_call(lost).on("POST", "/v1/payment_intents").after_the_effect();
    stall.stripe().add_fault(lost).unwrap();
    let expires_at = stall.now() + TimeDelta::days(3);
    let new = NewTopUp { method: Some(id(&cards[0])), expires_at, ..new_top_up(&stall) };
    stall.open_top_up(&new).await.unwrap();
    stall.jobs_only().await;
    stall.test.clock.advance(TimeDelta::hours(25));
    stall.emulator.as_ref().unwrap().clock().advance(std::time::Duration::from_hours(25));
    stall.work().await;
    assert_eq!(state(&stall, &new).await, "paid");
    assert_eq!(stall.count_at_stripe("/v1/charges").await, 2, "one kept the card, one charged it");
}

#[tokio::test]
async fn a_card_is_kept_at_a_page_without_paying_and_charged_later() {
    let stall = Stall::with_stripe().await;
    let new = json!({"client_id": stall.test.entropy.id::<uuid::Uuid>(stall.now()), "gateway": "stripe"});
    let path = format!("/payment-methods/pages/{}", new["client_id"].as_str().unwrap());
    for _ in 0..2 {
        let (status, page) = stall.post(stall.vendor(), "/payment-methods/pages", &new).await;
        assert_eq!((status, &page["failed"]), (StatusCode::CREATED, &json!(false)));
        stall.work().await;
    }
    let page = stall.get(stall.vendor(), &path).await.1;
    let session = page["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    assert!(
        stall
            .stripe()
            .pay(&Payment::of(&session).by("pm_card_visa_chargeDeclined"))
            .unwrap()
            .declined
            .is_some()
    );
    stall.work().await;
    assert_eq!(kept(&stall).await, Vec::<Value>::new());
    let done = stall.pay_at(&session, "pm_card_visa").await;
    assert_eq!(
        done.redirect_url.unwrap(),
        format!("https://vyapar.example/v/payment-methods?kept={}", page["id"].as_str().unwrap())
    );
    let cards = kept(&stall).await;
    assert_eq!((cards.len(), &cards[0]["last4"], stall.balance(TOP_UPS).await), (1, &json!("4242"), 0));
    assert_eq!(charge(&stall, &cards[0]).await.1, "paid");
    assert_eq!(stall.get(stall.buyer(), &path).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_kept_card_that_no_webhook_told_of_is_there_once_its_owner_is_back() {
    let stall = Stall::with_stripe().await;
    stall.stripe().set_webhooks(&super::key(), Vec::new()).unwrap();
    let new = json!({"client_id": stall.test.entropy.id::<uuid::Uuid>(stall.now()), "gateway": "stripe"});
    let path = format!("/payment-methods/pages/{}", new["client_id"].as_str().unwrap());
    assert_eq!(stall.post(stall.vendor(), "/payment-methods/pages", &new).await.0, StatusCode::CREATED);
    stall.work().await;
    let page = stall.get(stall.vendor(), &path).await.1;
    let session = page["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    stall.pay_at(&session, "pm_card_visa").await;
    assert_eq!(kept(&stall).await, Vec::<Value>::new());
    assert_eq!(act(&stall, stall.vendor(), Method::POST, &format!("{path}/returned")).await, StatusCode::OK);
    assert_eq!(kept(&stall).await.len(), 1);
}
