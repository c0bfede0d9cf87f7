//! A gateway in trouble: nothing is asked for twice, nothing is lost.

use emulator::{ApiFault, FaultKind};
use serde_json::json;

use crate::stall::{AMOUNT, COMMISSION, Stall, kinds};

fn trouble(status: u16) -> FaultKind {
    FaultKind::Status { status, retry_after_s: None }
}

#[tokio::test]
async fn a_page_whose_answer_was_lost_is_found_again() {
    let stall = Stall::with_stripe().await;
    let lost = ApiFault::next_call(trouble(504)).on("POST", "/v1/checkout/sessions").after_the_effect();
    stall.stripe().add_fault(lost).unwrap();
    let intent = stall.ask().await;
    stall.pass(60).await;
    assert_eq!(kinds(&stall.payment().await), ["page/gateway", "cash/vendor"]);
    assert_eq!(stall.count_at_stripe("/v1/checkout/sessions").await, 1);
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "paid");
}

#[tokio::test]
async fn an_error_that_the_gateway_remembers_does_not_stand_in_the_way() {
    let stall = Stall::with_stripe().await;
    stall.stripe().add_fault(ApiFault::next_call(trouble(500)).on("POST", "/v1/checkout/sessions")).unwrap();
    stall.ask().await;
    stall.pass(60).await;
    assert_eq!(kinds(&stall.payment().await)[0], "page/gateway");
}

#[tokio::test]
async fn a_gateway_that_stays_away_leaves_cash() {
    let stall = Stall::with_stripe().await;
    stall
        .stripe()
        .add_fault(ApiFault::next_call(trouble(503)).times(200).on("POST", "/v1/checkout/sessions"))
        .unwrap();
    stall.ask().await;
    stall.pass(60).await;
    assert_eq!(kinds(&stall.payment().await), ["cash/vendor"]);
    stall.stripe().clear_faults();
    stall.pass(3_600).await;
    assert_eq!(stall.count_at_stripe("/v1/checkout/sessions").await, 1, "offered once it was back");
}

#[tokio::test]
async fn keys_that_are_wrong_by_now_keep_payments_waiting() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    let page = stall.page(intent).await;
    stall
        .stripe()
        .add_fault(ApiFault::next_call(trouble(401)).times(200).on("GET", "/v1/payment_intents/*"))
        .unwrap();
    stall.pay_at(&page, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "waiting");
    assert!(stall.count("webhook_events where state = 'failed'").await > 0);
    stall.stripe().clear_faults();
    stall.pass(3_600).await;
    let paid = stall.payment().await;
    assert_eq!(paid["state"], json!("paid"));
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}
