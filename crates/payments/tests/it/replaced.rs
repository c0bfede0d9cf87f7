//! Orders that grow, and orders that end.

use axum::http::StatusCode;
use emulator::razorpay::Play;
use payments::NewIntent;
use serde_json::json;
use types::Money;

use crate::stall::{AMOUNT, COMMISSION, Stall, kinds};

#[tokio::test]
async fn a_grown_order_replaces_its_intent_and_closes_the_old_code() {
    let stall = Stall::with_gateway().await;
    let first = stall.ask().await;
    let grown = NewIntent { amount: Money::inr(400_00), ..stall.new_intent() };
    let second = stall.ask_for(&grown).await;
    stall.work().await;
    let payment = stall.payment().await;
    assert_eq!(payment["intent_id"], second.to_string());
    assert_eq!((&payment["state"], &payment["amount"]["minor"]), (&json!("waiting"), &json!(400_00)));
    let old = stall.at_gateway(&format!("/v1/payments/qr_codes/{}", stall.gateway_qr(first).await)).await;
    assert_eq!(old["status"], "closed");
    assert_eq!(stall.count("payment_intents where state = 'replaced'").await, 1);

    stall.play(&Play::qr(&stall.gateway_qr(second).await));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(400_00, 390_00, 10_00, 0).await;
}

#[tokio::test]
async fn money_for_a_replaced_intent_goes_back_by_itself() {
    let stall = Stall::with_gateway().await;
    let first = stall.ask().await;
    let (order, qr) = (stall.gateway_order(first).await, stall.gateway_qr(first).await);
    // Somebody pays both old ways just as the order grows.
    stall.ask_for(&NewIntent { amount: Money::inr(400_00), ..stall.new_intent() }).await;
    stall.play(&Play::qr(&qr));
    stall.play(&Play::order(&order));
    stall.work().await;
    let payment = stall.payment().await;
    assert_eq!((&payment["state"], &payment["amount"]["minor"]), (&json!("waiting"), &json!(400_00)));
    assert_eq!(stall.refunds_at_gateway().await, 2);
    assert_eq!(stall.published().await, (0, 0));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn an_intent_that_is_replaced_while_it_is_prepared_offers_nothing() {
    let stall = Stall::with_gateway().await;
    let first = stall.ask_for(&stall.new_intent()).await;
    let second = stall.ask_for(&stall.new_intent()).await;
    stall.work().await;
    assert_eq!(stall.count(&format!("gateway_orders where intent_id = '{first}'")).await, 0);
    let payment = stall.payment().await;
    assert_eq!((&payment["intent_id"], &payment["state"]), (&json!(second), &json!("waiting")));
}

#[tokio::test]
async fn a_paid_order_asks_for_nothing_more() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    stall.received(uuid::Uuid::from_u128(1), "cash").await;
    let mut transaction = stall.test.db.begin().await.unwrap();
    let refused = stall.payments.open_intent(&mut transaction, &stall.new_intent()).await;
    assert!(matches!(refused, Err(payments::Error::AlreadyPaid)));
}

#[tokio::test]
async fn a_word_for_an_amount_that_has_changed_is_not_taken() {
    let stall = Stall::without_gateway().await;
    let seen = stall.ask().await;
    let more = NewIntent { amount: Money::inr(2 * AMOUNT), ..stall.new_intent() };
    let asked = stall.ask_for(&more).await;
    let word = |intent| json!({"client_id": uuid::Uuid::from_u128(1), "method": "cash", "intent_id": intent});
    let path = format!("/orders/{}/payment/received", stall.order);
    let (status, body) = stall.post(stall.vendor(), &path, &word(seen)).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/deal-changed")));
    stall.books_hold(0, 0, 0, 0).await;
    let (status, paid) = stall.post(stall.vendor(), &path, &word(asked)).await;
    assert_eq!((status, &paid["amount"]["minor"]), (StatusCode::OK, &json!(2 * AMOUNT)));
    assert_eq!(stall.post(stall.vendor(), &path, &word(asked)).await.0, StatusCode::OK, "said twice");
}

#[tokio::test]
async fn an_order_that_ended_takes_no_money_and_its_code_is_closed() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.cancel().await;
    let payment = stall.payment().await;
    assert_eq!((&payment["state"], &payment["ways"]), (&json!("expired"), &json!([])));
    let qr = stall.at_gateway(&format!("/v1/payments/qr_codes/{}", stall.gateway_qr(intent).await)).await;
    assert_eq!(qr["status"], "closed");
    let (status, body) = stall.received(uuid::Uuid::from_u128(1), "cash").await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/payment-closed")));
    stall.cancel().await;
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn cancelling_a_paid_order_changes_nothing() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    stall.received(uuid::Uuid::from_u128(1), "cash").await;
    stall.cancel().await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn past_its_time_nothing_is_offered_even_before_the_order_says_so() {
    let stall = Stall::without_gateway().await;
    stall.ask().await;
    assert_eq!(kinds(&stall.payment().await), ["cash/vendor"]);
    stall.pass(600).await;
    assert!(kinds(&stall.payment().await).is_empty());
}
