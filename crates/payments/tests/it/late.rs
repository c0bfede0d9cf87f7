//! Money that comes late, or twice.

use emulator::razorpay::{Outcome, Play};

use crate::stall::{AMOUNT, COMMISSION, Stall};

fn late(after_s: u32) -> Outcome {
    Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(after_s) }
}

#[tokio::test]
async fn a_failed_payment_that_is_authorised_late_pays() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await).with(late(120)));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "failed");
    stall.pass(120).await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn money_for_an_expired_order_is_told_to_the_order_which_gives_it_back() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await).with(late(660)));
    stall.pass(600).await;
    stall.cancel().await;
    assert_eq!(stall.payment().await["state"], "expired");
    stall.pass(60).await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
    stall.refund(stall.order).await.unwrap();
    assert_eq!(stall.payment().await["state"], "refunded");
    assert_eq!(stall.published().await, (1, 1));
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn what_a_bank_authorises_after_the_orders_time_is_given_back_by_the_gateway() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::order(&stall.gateway_order(intent).await).with(late(3_600)));
    stall.pass(600).await;
    stall.cancel().await;
    stall.pass(3_000).await;
    assert_eq!(stall.payment().await["state"], "expired");
    assert_eq!(stall.published().await, (0, 0));
    assert_eq!(stall.refunds_at_gateway().await, 1);
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_second_capture_goes_back_by_itself_once() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    // Two phones pay at the same moment: the one at the sheet, the other by the code.
    stall.play(&Play::order(&stall.gateway_order(intent).await));
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    assert_eq!(stall.published().await, (1, 0));
    assert_eq!(stall.count("payments where role = 'surplus'").await, 1);
    assert_eq!(stall.refunds_at_gateway().await, 1);
    assert_eq!(stall.count("refunds where state = 'processed'").await, 1);
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
    for _ in 0..10 {
        stall.pass(3_600).await;
    }
    assert_eq!(stall.refunds_at_gateway().await, 1);
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_capture_after_the_vendor_took_cash_goes_back() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let order = stall.gateway_order(intent).await;
    stall.received(uuid::Uuid::from_u128(1), "cash").await;
    stall.play(&Play::order(&order));
    stall.work().await;
    let payment = stall.payment().await;
    assert_eq!((payment["state"].as_str(), payment["confirmed_by"].as_str()), (Some("paid"), Some("vendor")));
    assert_eq!(stall.refunds_at_gateway().await, 1);
    assert_eq!(stall.published().await, (1, 0));
    stall.books_hold(0, -COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_failure_told_late_does_not_undo_money_under_way() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    let order = stall.gateway_order(intent).await;
    stall.play(&Play::order(&order).with(Outcome::Late { fails_after_s: 60, authorizes_after_s: None }));
    stall.play(&Play::order(&order));
    stall.work().await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.pass(60).await;
    assert_eq!(stall.payment().await["state"], "paid");
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}
