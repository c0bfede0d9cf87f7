//! The gateway's payment sheet.

use axum::http::StatusCode;
use emulator::razorpay::{Outcome, Play};
use emulator::{ApiFault, FaultKind};
use serde_json::{Value, json};

use crate::stall::{AMOUNT, COMMISSION, Stall};

async fn check_out(stall: &Stall, answer: &Value) -> (StatusCode, Value) {
    stall.post(stall.buyer(), &format!("/orders/{}/payment/checkout", stall.order), answer).await
}

/// Pays the order at the gateway without any webhook reaching us; gives what the sheet tells the browser.
fn pay(stall: &Stall, order: &str) -> Value {
    stall.razorpay().set_webhooks(&emulator::razorpay::NewMerchant::demo().key_id, Vec::new()).unwrap();
    serde_json::to_value(stall.play(&Play::order(order)).callback.unwrap()).unwrap()
}

#[tokio::test]
async fn a_signed_checkout_settles_the_order_at_once_and_again_changes_nothing() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let answer = pay(&stall, &stall.gateway_order(intent).await);
    let (status, payment) = check_out(&stall, &answer).await;
    assert_eq!((status, &payment["state"]), (StatusCode::OK, &json!("paid")));
    assert_eq!(check_out(&stall, &answer).await, (status, payment));
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_checkout_sent_many_times_at_once_pays_once() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let answer = pay(&stall, &stall.gateway_order(intent).await);
    let answers = futures::future::join_all((0..20).map(|_| check_out(&stall, &answer))).await;
    // Whoever comes while another is at it is told so, and nobody is told that it failed.
    let (paid, others): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.1["state"] == "paid");
    assert!(!paid.is_empty(), "{answers:?}");
    assert!(others.iter().all(|answer| answer.1["state"] == "checking"), "{others:?}");
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_checkout_that_is_not_signed_by_the_gateway_is_refused() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let answer = pay(&stall, &stall.gateway_order(intent).await);
    for (field, forged) in [
        ("razorpay_signature", "00".repeat(32)),
        ("razorpay_signature", String::new()),
        ("razorpay_payment_id", "pay_00000000000000".to_owned()),
        ("razorpay_order_id", "order_00000000000000".to_owned()),
    ] {
        let mut forgery = answer.clone();
        forgery[field] = json!(forged);
        let (status, body) = check_out(&stall, &forgery).await;
        assert_eq!(
            (status, &body["type"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/checkout-forged")),
            "{field}"
        );
    }
    assert_eq!(stall.payment().await["state"], "waiting");
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_checkout_of_another_order_pays_not_this_one() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let answer = pay(&stall, &stall.gateway_order(intent).await);
    let other = payments::NewIntent { order: stall.test.entropy.id(stall.now()), ..stall.new_intent() };
    stall.ask_for(&other).await;
    let path = format!("/orders/{}/payment/checkout", other.order);
    let (status, body) = stall.post(stall.buyer(), &path, &answer).await;
    assert_eq!(
        (status, &body["type"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/checkout-forged"))
    );
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_checkout_while_the_gateway_is_away_is_being_checked_and_then_paid() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let answer = pay(&stall, &stall.gateway_order(intent).await);
    let away = ApiFault::next_call(FaultKind::Status { status: 502, retry_after_s: None });
    stall.razorpay().add_fault(away.on("GET", "/v1/payments/*")).unwrap();
    let (status, payment) = check_out(&stall, &answer).await;
    assert_eq!((status, &payment["state"]), (StatusCode::OK, &json!("checking")));
    assert_eq!(payment["ways"], json!([]), "nobody is invited to pay twice");
    stall.pass(15).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_failed_attempt_can_be_followed_by_a_good_one() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let order = stall.gateway_order(intent).await;
    stall.play(&Play::order(&order).with(Outcome::Failure { reason: "payment_declined".to_owned() }));
    stall.work().await;
    let failed = stall.payment().await;
    assert_eq!(failed["state"], "failed");
    assert!(!failed["ways"].as_array().unwrap().is_empty());
    stall.play(&Play::order(&order));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}
