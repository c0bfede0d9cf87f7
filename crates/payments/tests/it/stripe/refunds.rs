//! Giving money back: at once, later, after an answer that was lost, and by somebody at the gateway's own screen.

use emulator::stripe::{RefundFate, Settings};
use emulator::{ApiFault, FaultKind};
use serde_json::json;

use super::key;
use crate::stall::{AMOUNT, COMMISSION, Stall};

async fn paid(card: &str) -> Stall {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    stall.pay_at(&stall.page(intent).await, card).await;
    stall.pass(2).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall
}

#[tokio::test]
async fn a_refund_reverses_the_books_and_is_published_once() {
    let stall = paid("pm_card_visa").await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.stripe_holds(0, 0, 0, 0).await;
    assert_eq!(stall.count_at_stripe("/v1/refunds").await, 1);
}

#[tokio::test]
async fn a_refund_under_way_is_on_hold_until_the_bank_is_done() {
    let stall = paid("pm_card_pendingRefund").await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, 0, 0, AMOUNT).await;
    stall.stripe().set_webhooks(&key(), Vec::new()).unwrap();
    stall.pass(61).await;
    stall.pass(5 * 60).await;
    assert_eq!(stall.payment().await["state"], "refunded", "looked at, the webhook was lost");
    stall.stripe_holds(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_after_the_money_moved_is_not_made_twice() {
    let stall = paid("pm_card_visa").await;
    let lost = FaultKind::Status { status: 504, retry_after_s: None };
    let lost = ApiFault::next_call(lost).on("POST", "/v1/refunds").after_the_effect();
    stall.stripe().add_fault(lost).unwrap();
    stall.refund(stall.order).await.unwrap();
    stall.pass(600).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.count_at_stripe("/v1/refunds").await, 1);
    stall.stripe_holds(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_refund_that_fails_is_made_again() {
    let stall = paid("pm_card_visa").await;
    let fails = Settings { refunds: RefundFate::PendsThenFails, ..Settings::default() };
    stall.stripe().set_settings(&key(), fails).unwrap();
    stall.refund(stall.order).await.unwrap();
    stall.stripe_holds(AMOUNT, 0, 0, AMOUNT).await;
    stall.stripe().set_settings(&key(), Settings::default()).unwrap();
    stall.pass(61).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.pass(3_600).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    let refunds = stall.at_stripe("/v1/refunds").await;
    let states: Vec<_> =
        refunds["data"].as_array().unwrap().iter().map(|refund| refund["status"].clone()).collect();
    assert_eq!(states, [json!("succeeded"), json!("failed")]);
    stall.stripe_holds(0, 0, 0, 0).await;
}

/// A refund that was made, and that the bank sends back a minute later.
async fn made_for_a_minute() -> Stall {
    let stall = paid("pm_card_visa").await;
    let fails = Settings { refunds: RefundFate::SucceedsThenFails, ..Settings::default() };
    stall.stripe().set_settings(&key(), fails).unwrap();
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "refunded");
    stall.stripe_holds(0, 0, 0, 0).await;
    stall.stripe().set_settings(&key(), Settings::default()).unwrap();
    stall
}

/// What came back is owed to the payer again, then made once more.
async fn comes_back_and_is_made_again(stall: &Stall) {
    assert_eq!(stall.payment().await["refunding"]["minor"], AMOUNT);
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, 0, 0, AMOUNT).await;
    stall.pass(3_600).await;
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.count_at_stripe("/v1/refunds").await, 2);
    stall.stripe_holds(0, 0, 0, 0).await;
    assert_eq!(stall.count("refunds where came_back = 1 and state = 'processed'").await, 1);
}

#[tokio::test]
async fn a_refund_that_the_bank_sends_back_is_made_again_when_the_gateway_tells() {
    let stall = made_for_a_minute().await;
    stall.pass(61).await;
    comes_back_and_is_made_again(&stall).await;
}

#[tokio::test]
async fn a_refund_that_the_bank_sends_back_is_found_where_the_news_is_lost() {
    let stall = made_for_a_minute().await;
    stall.stripe().set_webhooks(&key(), Vec::new()).unwrap();
    stall.pass(61).await;
    assert_eq!(stall.payment().await["state"], "refunded", "nobody told");
    stall.pass(86_400).await;
    comes_back_and_is_made_again(&stall).await;
}

#[tokio::test]
async fn a_refund_made_at_the_gateways_own_screen_is_taken_in() {
    let stall = paid("pm_card_visa").await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/refunds", stall.emulator.as_ref().unwrap().stripe_url());
    let made = client.post(url).bearer_auth(key()).body(format!("payment_intent={payment}"));
    let made = made.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert!(made.status().is_success());
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "refunded");
    stall.stripe_holds(0, 0, 0, 0).await;
    assert_eq!(COMMISSION, 3_75);
}
