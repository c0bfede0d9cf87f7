//! Being paid at the gateway's page: at once, by way of the bank, after a decline, late.

use serde_json::json;

use crate::stall::{AMOUNT, COMMISSION, Stall, kinds, way};

#[tokio::test]
async fn an_order_is_paid_at_the_gateways_page() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    let waiting = stall.payment().await;
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(kinds(&waiting), ["page/gateway", "cash/vendor"]);
    let page = stall.page(intent).await;
    let session = stall.at_stripe(&format!("/v1/checkout/sessions/{page}")).await;
    assert_eq!(way(&waiting, "page")["uri"], session["url"]);
    assert_eq!((&session["amount_total"], &session["currency"]), (&json!(AMOUNT), &json!("inr")));
    let back = format!("https://vyapar.example/b/{}/order/{}/pay", stall.visit, stall.order);
    assert_eq!(
        (&session["success_url"], &session["cancel_url"]),
        (&json!(format!("{back}?returned=1")), &json!(back))
    );

    stall.pay_at(&page, "pm_card_visa").await;
    let paid = stall.payment().await;
    assert_eq!(paid["state"], "paid");
    assert_eq!(
        (&paid["method"], &paid["confirmed_by"], &paid["ways"]),
        (&json!("card"), &json!("gateway"), &json!([]))
    );
    assert_eq!(stall.published().await, (1, 0));
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn the_bank_may_want_to_see_its_customer() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    let page = stall.page(intent).await;
    let asked = stall.pay_at(&page, "pm_card_authenticationRequired").await;
    assert_eq!(stall.payment().await["state"], "waiting", "nobody knows yet");
    stall.answer_bank(&asked, false).await;
    let failed = stall.payment().await;
    assert_eq!((&failed["state"], kinds(&failed)[0].as_str()), (&json!("failed"), "page/gateway"));

    let asked = stall.pay_at(&page, "pm_card_authenticationRequired").await;
    stall.answer_bank(&asked, true).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_card_that_is_declined_is_followed_by_one_that_is_not() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    let page = stall.page(intent).await;
    for card in ["pm_card_visa_chargeDeclined", "pm_card_visa_chargeDeclinedInsufficientFunds"] {
        assert!(stall.pay_at(&page, card).await.declined.is_some());
        assert_eq!(stall.payment().await["state"], "failed");
    }
    stall.pay_at(&page, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.count("payments").await, 1);
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn whoever_comes_back_hears_at_once_what_came_of_it() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    stall.stripe().set_webhooks(&super::key(), Vec::new()).unwrap();
    let path = format!("/orders/{}/payment/returned", stall.order);
    for _ in 0..3 {
        let (_, back) = stall.post(stall.buyer(), &path, &json!(null)).await;
        assert_eq!(back["state"], "waiting", "a browser's word counts for nothing");
    }
    assert_eq!(
        stall.count("jobs where kind = 'watch-intent'").await,
        2,
        "one look waits beside the next regular one"
    );
    let page = stall.page(intent).await;
    stall.pay_at(&page, "pm_card_visa").await;
    assert_eq!(stall.payment().await["state"], "paid");
}

#[tokio::test]
async fn an_order_that_ended_closes_its_page() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    stall.cancel().await;
    let page = stall.page(intent).await;
    let session = stall.at_stripe(&format!("/v1/checkout/sessions/{page}")).await;
    assert_eq!((&session["status"], &session["url"]), (&json!("expired"), &json!(null)));
    assert_eq!(kinds(&stall.payment().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_grown_order_gets_another_page() {
    let stall = Stall::with_stripe().await;
    let first = stall.ask().await;
    let new = payments::NewIntent { amount: types::Money::inr(200_00), ..stall.new_intent() };
    let second = stall.ask_for(&new).await;
    stall.work().await;
    let old = stall.at_stripe(&format!("/v1/checkout/sessions/{}", stall.page(first).await)).await;
    assert_eq!(old["status"], "expired");
    stall.pay_at(&stall.page(second).await, "pm_card_visa").await;
    let paid = stall.payment().await;
    assert_eq!((&paid["state"], &paid["amount"]["minor"]), (&json!("paid"), &json!(200_00)));
}

#[tokio::test]
async fn cash_while_the_payer_is_at_the_page_sends_the_second_payment_back() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    let page = stall.page(intent).await;
    let asked = stall.pay_at(&page, "pm_card_authenticationRequired").await;
    // The vendor takes cash, and the page is not closed in time.
    let (status, _) = stall.received(uuid::Uuid::from_u128(1), "cash").await;
    assert_eq!(status, axum::http::StatusCode::OK);
    let payment_intent = asked.payment_intent["id"].as_str().unwrap().to_owned();
    if stall
        .stripe()
        .authenticate(&emulator::stripe::Authentication { payment_intent, approve: true })
        .is_ok()
    {
        stall.work().await;
        stall.pass(3600).await;
        assert_eq!(stall.count_at_stripe("/v1/refunds").await, 1);
    }
    stall.stripe_holds(0, -COMMISSION, COMMISSION, 0).await;
}
