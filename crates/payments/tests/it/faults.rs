//! A gateway in trouble, and work that is cut off anywhere.

use emulator::razorpay::Play;
use emulator::{ApiFault, FaultKind, When};
use serde_json::json;

use crate::stall::{AMOUNT, COMMISSION, Stall, kinds};

fn status(status: u16) -> FaultKind {
    FaultKind::Status { status, retry_after_s: None }
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_again() {
    for lost in [FaultKind::Malformed, FaultKind::Truncated, status(504)] {
        let stall = Stall::with_gateway().await;
        let fault = ApiFault::next_call(lost.clone()).on("POST", "/v1/orders").after_the_effect();
        stall.razorpay().add_fault(fault).unwrap();
        let intent = stall.ask().await;
        assert_eq!(stall.payment().await["state"], "preparing", "{lost:?}");
        stall.pass(5).await;
        assert_eq!(stall.payment().await["state"], "waiting", "{lost:?}");
        let orders = stall.at_gateway(&format!("/v1/orders?receipt={intent}")).await;
        assert_eq!(orders["count"], 1, "{lost:?}");
    }
}

#[tokio::test]
async fn while_the_gateway_is_away_other_ways_are_offered_and_its_own_when_it_is_back() {
    let stall = Stall::with_gateway().await;
    let away = ApiFault { times: None, ..ApiFault::next_call(status(503)) };
    stall.razorpay().add_fault(away).unwrap();
    stall.ask().await;
    for _ in 0..4 {
        stall.pass(6).await;
    }
    let payment = stall.payment().await;
    assert_eq!(payment["state"], "waiting");
    assert_eq!(kinds(&payment), ["cash/vendor"]);
    stall.razorpay().clear_faults();
    stall.pass(120).await;
    assert_eq!(
        kinds(&stall.payment().await),
        ["upi_link/gateway", "qr/gateway", "checkout/gateway", "cash/vendor"]
    );
}

#[tokio::test]
async fn a_sheet_that_is_offered_before_its_code_is_looked_at_for_money() {
    let stall = Stall::with_gateway().await;
    let away =
        ApiFault { times: None, ..ApiFault::next_call(status(503)).on("POST", "/v1/payments/qr_codes") };
    stall.razorpay().add_fault(away).unwrap();
    stall.ask().await;
    for _ in 0..4 {
        stall.pass(6).await;
    }
    assert_eq!(kinds(&stall.payment().await), ["checkout/gateway", "cash/vendor"]);
    assert_eq!(stall.count("jobs where kind = 'watch-intent'").await, 1);
}

#[tokio::test]
async fn a_refused_order_is_paid_without_the_gateway() {
    let stall = Stall::with_gateway().await;
    stall.razorpay().add_fault(ApiFault::next_call(status(400)).on("POST", "/v1/orders")).unwrap();
    stall.ask().await;
    assert_eq!(kinds(&stall.payment().await), ["cash/vendor"]);
    assert_eq!(stall.count("jobs where kind = 'prepare-intent'").await, 0);
}

#[tokio::test]
async fn an_account_without_qr_codes_offers_the_sheet() {
    let stall = Stall::with_gateway().await;
    stall.razorpay().add_fault(ApiFault::next_call(status(400)).on("POST", "/v1/payments/qr_codes")).unwrap();
    let intent = stall.ask().await;
    assert_eq!(kinds(&stall.payment().await), ["checkout/gateway", "cash/vendor"]);
    assert_eq!(stall.count("payment_intents where gateway_note like 'no QR code%'").await, 1);
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
}

#[tokio::test]
async fn a_webhook_that_comes_while_the_gateway_is_away_is_worked_on_later() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let away = ApiFault { times: Some(6), ..ApiFault::next_call(status(502)).on("GET", "/v1/payments/*") };
    stall.razorpay().add_fault(away).unwrap();
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    stall.pass(5).await;
    stall.pass(5).await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.count("webhook_events where state = 'failed'").await, 0);
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

/// Every job runs a second time, as it does where its worker died after the work and before the record of it.
async fn work_everything_twice(stall: &Stall) {
    loop {
        stall.razorpay().settle().await;
        let copied = sqlx::query(
            "insert into jobs (id, tenant_id, kind, payload, unique_key, priority, state, run_at, attempts_max, created_at)
             select gen_random_uuid(), tenant_id, kind, payload, unique_key || 'twin', priority, state, run_at, attempts_max, created_at
             from jobs where state = 'ready' and run_at <= $1",
        );
        let copied = copied.bind(stall.now()).execute(stall.test.db.pool()).await.unwrap();
        if copied.rows_affected() == 0 {
            return;
        }
        stall.jobs_only().await;
    }
}

#[tokio::test]
async fn every_job_done_twice_at_once_ends_as_if_done_once() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask_for(&stall.new_intent()).await;
    work_everything_twice(&stall).await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    work_everything_twice(&stall).await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
    let mut transaction = stall.test.db.begin().await.unwrap();
    stall.payments.refund(&mut transaction, stall.tenant, stall.order, "sold out").await.unwrap();
    transaction.commit().await.unwrap();
    work_everything_twice(&stall).await;
    assert_eq!(stall.refunds_at_gateway().await, 2);
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn whatever_call_of_the_story_fails_it_ends_right() {
    for (method, path) in [
        ("POST", "/v1/orders"),
        ("POST", "/v1/payments/qr_codes"),
        ("GET", "/v1/payments/*"),
        ("POST", "/v1/payments/qr_codes/*/close"),
        ("POST", "/v1/payments/*/refund"),
        ("GET", "/v1/payments/*/refunds"),
    ] {
        for when in [When::Before, When::After] {
            let stall = Stall::with_gateway().await;
            let fault =
                ApiFault { when, times: Some(2), ..ApiFault::next_call(status(500)).on(method, path) };
            stall.razorpay().add_fault(fault).unwrap();
            let intent = stall.ask().await;
            stall.pass(8).await;
            stall.pass(8).await;
            stall.play(&Play::order(&stall.gateway_order(intent).await));
            stall.play(&Play::qr(&stall.gateway_qr(intent).await));
            stall.work().await;
            for _ in 0..3 {
                stall.pass(8).await;
            }
            let payment = stall.payment().await;
            assert_eq!(payment["state"], json!("paid"), "{method} {path} {when:?}");
            assert_eq!(stall.published().await, (1, 0), "{method} {path} {when:?}");
            assert_eq!(stall.refunds_at_gateway().await, 1, "{method} {path} {when:?}");
            stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
        }
    }
}
