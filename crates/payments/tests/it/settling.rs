//! Settled money is booked, once, where the payment belongs.

use axum::http::StatusCode;
use chrono::TimeDelta;
use emulator::razorpay::{Mishap, Play, SettlementFaultKind};
use serde_json::{Value, json};

use crate::reconciling::{DAY_S, counted, exceptions, paid, reconcile, settle_wrong, suffer, today};
use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

/// 2 per cent of the amount, and 18 per cent of that.
const FEE: i64 = 3_54;

/// The books are sound, the gateway holds so much, and so much reached the bank or was kept.
async fn books_hold(stall: &Stall, gateway: i64, bank: i64, fees: i64) {
    stall.books_hold(gateway, AMOUNT - COMMISSION, COMMISSION, 0).await;
    assert_eq!((stall.balance("bank:settlements").await, stall.balance("fees:gateway").await), (bank, fees));
}

async fn repair(stall: &Stall, exception: &Value) -> (StatusCode, Value) {
    let path = format!("/operator/exceptions/{}/repair", exception["id"].as_str().unwrap());
    stall.post(operator(), &path, &json!({"reason": "it is as it is"})).await
}

#[tokio::test]
async fn settled_money_goes_from_the_gateway_to_the_bank_less_its_fee() {
    let (stall, payment) = paid().await;
    stall.pass(2 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 1, 0, 0]);
    books_hold(&stall, 0, AMOUNT - FEE, FEE).await;
    let posted = format!("ledger_transfers where key = 'settlement:{payment}'");
    assert_eq!(stall.count(&posted).await, 3);
    assert_eq!(
        stall.count(&format!("{posted} and reason = 'tax-on-gateway-fee' and amount_minor = 54")).await,
        1
    );
    for _ in 0..2 {
        assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 0, 0, 0]);
    }
    assert_eq!(stall.count(&posted).await, 3);
    books_hold(&stall, 0, AMOUNT - FEE, FEE).await;
}

#[tokio::test]
async fn what_carries_no_fee_reaches_the_bank_whole_and_a_refund_is_taken_off() {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    stall.pass(2 * DAY_S).await;
    reconcile(&stall, today(&stall)).await;
    books_hold(&stall, 0, AMOUNT, 0).await;
    stall.refund(stall.order).await.unwrap();
    stall.books_hold(-AMOUNT, 0, 0, 0).await;
    stall.pass(2 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 1, 0, 0]);
    stall.books_hold(0, 0, 0, 0).await;
    assert_eq!(stall.balance("bank:settlements").await, 0);
}

#[tokio::test]
async fn another_fee_than_the_payment_says_is_booked_when_the_operator_takes_it() {
    let (stall, payment) = paid().await;
    settle_wrong(&stall, &payment, SettlementFaultKind::WrongFee { more_paise: 5_00 });
    stall.pass(2 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 0, 0, 1, 0]);
    books_hold(&stall, AMOUNT, 0, 0).await;
    let open = exceptions(&stall, "open").await;
    let differs = &open[0];
    assert_eq!(
        (open.len(), &differs["kind"], &differs["repair"]),
        (1, &json!("fee-differs"), &json!("accept_fee"))
    );
    let minor = ["expected", "found", "amount"].map(|name| differs[name]["minor"].as_i64().unwrap());
    assert_eq!(minor, [FEE, FEE + 5_00, 5_00]);
    let (status, repaired) = repair(&stall, differs).await;
    assert_eq!((status, &repaired["state"]), (StatusCode::OK, &json!("repaired")));
    books_hold(&stall, 0, AMOUNT - FEE - 5_00, FEE + 5_00).await;
    let (status, twice) = repair(&stall, differs).await;
    assert_eq!((status, &twice["type"]), (StatusCode::CONFLICT, &json!("/problems/exception-closed")));
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 0, 0, 0]);
    books_hold(&stall, 0, AMOUNT - FEE - 5_00, FEE + 5_00).await;
}

#[tokio::test]
async fn another_amount_than_the_record_is_not_booked() {
    let (stall, payment) = paid().await;
    settle_wrong(&stall, &payment, SettlementFaultKind::WrongAmount { less_paise: 10_00 });
    stall.pass(2 * DAY_S).await;
    reconcile(&stall, today(&stall)).await;
    let open = exceptions(&stall, "open").await;
    assert_eq!((open.len(), &open[0]["kind"]), (1, &json!("amount-differs")));
    let minor = ["expected", "found"].map(|name| open[0][name]["minor"].as_i64().unwrap());
    assert_eq!(minor, [AMOUNT, AMOUNT - 10_00]);
    assert_eq!(repair(&stall, &open[0]).await.0, StatusCode::CONFLICT);
    books_hold(&stall, AMOUNT, 0, 0).await;
}

#[tokio::test]
async fn a_line_that_never_comes_is_missed() {
    let (stall, payment) = paid().await;
    settle_wrong(&stall, &payment, SettlementFaultKind::Missing);
    let day = today(&stall);
    stall.pass(3 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, day).await), [1, 1, 0, 0, 0], "it is too early");
    stall.pass(5 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, day).await), [1, 0, 0, 1, 0]);
    let open = exceptions(&stall, "open").await;
    assert_eq!((&open[0]["kind"], &open[0]["subject"]), (&json!("not-settled"), &json!(payment)));
    assert_eq!(open[0]["amount"]["minor"], json!(AMOUNT));
    books_hold(&stall, AMOUNT, 0, 0).await;
}

#[tokio::test]
async fn a_late_line_is_missed_until_it_comes() {
    let (stall, payment) = paid().await;
    settle_wrong(&stall, &payment, SettlementFaultKind::Late { days: 7 });
    let day = today(&stall);
    stall.pass(8 * DAY_S).await;
    reconcile(&stall, day).await;
    assert_eq!(exceptions(&stall, "open").await[0]["kind"], "not-settled");
    stall.pass(DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 1, 1, 0, 0]);
    assert_eq!(counted(&reconcile(&stall, day).await), [1, 1, 0, 0, 1]);
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
    books_hold(&stall, 0, AMOUNT - FEE, FEE).await;
}

#[tokio::test]
async fn an_adjustment_is_in_nobodys_books() {
    let (stall, _) = paid().await;
    let adjustment = suffer(&stall, &Mishap::Adjusted { paise: -10_12 });
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [2, 1, 0, 1, 0]);
    let open = exceptions(&stall, "open").await;
    assert_eq!(
        (&open[0]["kind"], &open[0]["subject"]),
        (&json!("unknown-settlement-line"), &json!(adjustment))
    );
    assert_eq!(open[0]["amount"]["minor"], json!(10_12));
    books_hold(&stall, AMOUNT, 0, 0).await;
}

#[tokio::test]
async fn a_line_for_a_lost_payment_is_booked_once_the_payment_is_taken_in() {
    let (stall, order) = crate::reconciling::deaf().await;
    stall.play(&Play::order(&order));
    let day = today(&stall);
    stall.pass(2 * DAY_S).await;
    let settled_on = today(&stall);
    reconcile(&stall, settled_on).await;
    assert_eq!(exceptions(&stall, "open").await[0]["kind"], "unknown-settlement-line");
    reconcile(&stall, day).await;
    let open = exceptions(&stall, "open").await;
    let lost = open.iter().find(|exception| exception["kind"] == "missing-here").unwrap();
    assert_eq!((open.len(), repair(&stall, lost).await.0), (2, StatusCode::OK));
    assert_eq!(counted(&reconcile(&stall, settled_on).await)[2..], [1, 0, 1]);
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
    books_hold(&stall, 0, AMOUNT - FEE, FEE).await;
}

#[tokio::test]
async fn a_doubled_payment_that_was_sent_back_costs_its_fee_and_nothing_else() {
    let (stall, payment) = paid().await;
    suffer(&stall, &Mishap::CapturedTwice { payment_id: payment });
    let day = today(&stall);
    reconcile(&stall, day).await;
    let twice = exceptions(&stall, "open").await.remove(0);
    assert_eq!((&twice["kind"], repair(&stall, &twice).await.0), (&json!("captured-twice"), StatusCode::OK));
    stall.work().await;
    stall.pass(2 * DAY_S).await;
    let run = reconcile(&stall, day + TimeDelta::days(2)).await;
    assert_eq!(counted(&run), [3, 3, 3, 0, 0]);
    books_hold(&stall, 0, AMOUNT - 2 * FEE, 2 * FEE).await;
}
