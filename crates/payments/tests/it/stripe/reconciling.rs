//! A day's payments, refunds and payouts beside our record and books; what does not match is found and put right.

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta};
use emulator::stripe::{Payment, PayoutFault, Settings, Verdict};
use emulator::{ApiFault, FaultKind};
use serde_json::{Value, json};

use super::key;
use crate::reconciling::{DAY_S, counted, exceptions, reconcile, today};
use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

/// 2.9 per cent of the amount, and 30 paise.
const FEE: i64 = 4_65;
/// What a dispute costs at the emulated gateway.
const DISPUTE_FEE: i64 = 15_00;

/// A stall whose money is paid out by itself, with a paid order.
async fn paid_by(card: &str) -> Stall {
    let stall = Stall::with_stripe().await;
    let paid_out = Settings { automatic_payouts: true, ..Settings::default() };
    stall.stripe().set_settings(&key(), paid_out).unwrap();
    let intent = stall.ask().await;
    stall.pay_at(&stall.page(intent).await, card).await;
    stall
}

/// To which the gateway tells nothing, and which does not look by itself.
async fn fall_deaf(stall: &Stall) {
    stall.stripe().set_webhooks(&key(), Vec::new()).unwrap();
    sqlx::query("delete from jobs").execute(stall.test.db.pool()).await.unwrap();
}

/// The day in India on which the newest payout reaches the bank.
async fn payout_day(stall: &Stall) -> NaiveDate {
    let payouts = stall.at_stripe("/v1/payouts").await;
    let arrival = payouts["data"][0]["arrival_date"].as_i64().unwrap();
    let at = DateTime::from_timestamp(arrival, 0).unwrap();
    (at + TimeDelta::minutes(330)).date_naive()
}

async fn the_open(stall: &Stall, kind: &str) -> Value {
    let mut open = exceptions(stall, "open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let one = open.remove(0);
    assert_eq!((&one["kind"], &one["gateway"]), (&json!(kind), &json!("stripe")), "{one}");
    one
}

async fn repair(stall: &Stall, exception: &Value) -> StatusCode {
    let path = format!("/operator/exceptions/{}/repair", exception["id"].as_str().unwrap());
    let (status, _) = stall.post(operator(), &path, &json!({"reason": "seen at the gateway"})).await;
    stall.work().await;
    status
}

#[tokio::test]
async fn what_a_payout_brought_is_at_the_bank_less_its_fee() {
    let stall = paid_by("pm_card_visa").await;
    let day = today(&stall);
    assert_eq!(counted(&reconcile(&stall, day).await), [1, 1, 0, 0, 0]);
    stall.pass(6 * DAY_S).await;
    let arrived = payout_day(&stall).await;
    assert_eq!(counted(&reconcile(&stall, arrived).await)[..2], [1, 1]);
    let booked = || async {
        stall.stripe_holds(0, AMOUNT - COMMISSION, COMMISSION, 0).await;
        assert_eq!(stall.balance("bank:settlements").await, AMOUNT - FEE);
        assert_eq!(stall.balance("fees:gateway").await, FEE);
    };
    booked().await;
    let again = reconcile(&stall, arrived).await;
    assert_eq!(counted(&again), [1, 1, 0, 0, 0]);
    assert_eq!(again["gateway"], "stripe");
    booked().await;
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_refund_is_taken_off_a_later_payout() {
    let stall = paid_by("pm_card_visa").await;
    stall.pass(2).await;
    stall.refund(stall.order).await.unwrap();
    // Another payment outweighs what is taken off.
    let other = payments::NewIntent { order: stall.test.entropy.id(stall.now()), ..stall.new_intent() };
    let intent = stall.ask_for(&other).await;
    stall.work().await;
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    stall.pass(6 * DAY_S).await;
    assert_eq!(counted(&reconcile(&stall, payout_day(&stall).await).await)[..2], [3, 3]);
    stall.stripe_holds(0, AMOUNT - COMMISSION, COMMISSION, 0).await;
    assert_eq!(stall.balance("bank:settlements").await, AMOUNT - 2 * FEE);
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_payment_whose_news_was_lost_is_taken_in() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    fall_deaf(&stall).await;
    stall.stripe().pay(&Payment::of(&stall.page(intent).await)).unwrap();
    assert_eq!(counted(&reconcile(&stall, today(&stall)).await), [1, 0, 0, 1, 0]);
    let lost = the_open(&stall, "missing-here").await;
    assert_eq!((&lost["amount"]["minor"], &lost["tenant_id"]), (&json!(AMOUNT), &json!(stall.tenant)));
    assert_eq!(repair(&stall, &lost).await, StatusCode::OK);
    assert_eq!(stall.payment().await["state"], "paid");
    stall.stripe_holds(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_refund_made_at_the_gateway_and_not_told_is_taken_in() {
    let stall = paid_by("pm_card_visa").await;
    stall.pass(2).await;
    fall_deaf(&stall).await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/refunds", stall.emulator.as_ref().unwrap().stripe_url());
    let made = client.post(url).bearer_auth(key()).body(format!("payment_intent={payment}"));
    made.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    reconcile(&stall, today(&stall)).await;
    let refunded = the_open(&stall, "refunded-at-gateway").await;
    assert_eq!(refunded["gateway_payment_id"], json!(payment));
    assert_eq!(repair(&stall, &refunded).await, StatusCode::OK);
    assert_eq!(stall.payment().await["state"], "refunded");
    stall.stripe_holds(0, 0, 0, 0).await;
}

/// A disputed payment and another that outweighs what the bank took, with the payout that has both, compared.
async fn disputed_and_paid_out() -> (Stall, Value) {
    let stall = paid_by("pm_card_createDispute").await;
    // The news of the dispute may have come before that of its payment: then it is found within the hour.
    let due = "insert into job_schedules (name, next_run_at) values ('watch-disputes', $1)";
    sqlx::query(due).bind(stall.now()).execute(stall.test.db.pool()).await.unwrap();
    stall.pass(3_600).await;
    assert_eq!(stall.count("disputes").await, 1);
    let other = payments::NewIntent { order: stall.test.entropy.id(stall.now()), ..stall.new_intent() };
    let intent = stall.ask_for(&other).await;
    stall.work().await;
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    stall.pass(6 * DAY_S).await;
    let run = reconcile(&stall, payout_day(&stall).await).await;
    assert_eq!(counted(&run)[..2], [3, 3], "{run}");
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
    (stall, run)
}

async fn decide(stall: &Stall, won: bool) {
    let disputes = stall.at_stripe("/v1/disputes").await;
    let dispute = disputes["data"][0]["id"].as_str().unwrap().to_owned();
    stall.stripe().decide(&Verdict { dispute, won }).unwrap();
    stall.work().await;
}

#[tokio::test]
async fn what_a_dispute_took_is_matched_with_its_own_fee_and_lost_for_good() {
    let (stall, _) = disputed_and_paid_out().await;
    assert_eq!(stall.balance("gateway:stripe").await, AMOUNT + DISPUTE_FEE, "it is not decided");
    decide(&stall, false).await;
    let owed = AMOUNT - COMMISSION - DISPUTE_FEE;
    stall.stripe_holds(0, owed, COMMISSION, 0).await;
    assert_eq!(stall.balance("bank:settlements").await, AMOUNT - 2 * FEE - DISPUTE_FEE);
}

#[tokio::test]
async fn what_a_dispute_gives_back_comes_with_a_later_payout() {
    let (stall, _) = disputed_and_paid_out().await;
    decide(&stall, true).await;
    stall.pass(4 * DAY_S).await;
    let run = reconcile(&stall, payout_day(&stall).await).await;
    assert_eq!(counted(&run)[..2], [1, 1], "{run}");
    assert_eq!(exceptions(&stall, "open").await, Vec::<Value>::new());
    stall.stripe_holds(0, 2 * (AMOUNT - COMMISSION) - DISPUTE_FEE, 2 * COMMISSION, 0).await;
    assert_eq!(stall.balance("bank:settlements").await, 2 * (AMOUNT - FEE) - DISPUTE_FEE);
}

#[tokio::test]
async fn a_fee_that_a_payout_keeps_wrongly_is_found_and_taken_as_it_is_on_somebodys_word() {
    let stall = paid_by("pm_card_visa").await;
    stall.stripe().add_payout_fault(&key(), PayoutFault::next(5_00)).unwrap();
    stall.pass(6 * DAY_S).await;
    let day = payout_day(&stall).await;
    reconcile(&stall, day).await;
    let wrong = the_open(&stall, "fee-differs").await;
    assert_eq!((&wrong["amount"]["minor"], &wrong["repair"]), (&json!(5_00), &json!("accept_fee")));
    assert_eq!(
        (&wrong["expected"]["minor"], &wrong["found"]["minor"]),
        (&json!(FEE), &json!(FEE + 5_00)),
        "{wrong}"
    );
    assert_eq!(stall.balance("bank:settlements").await, 0, "nothing is booked until somebody says so");
    assert_eq!(repair(&stall, &wrong).await, StatusCode::OK);
    stall.stripe_holds(0, AMOUNT - COMMISSION, COMMISSION, 0).await;
    assert_eq!(stall.balance("bank:settlements").await, AMOUNT - FEE - 5_00);
    assert_eq!(stall.balance("fees:gateway").await, FEE + 5_00);
    let [repaired] = exceptions(&stall, "repaired").await.try_into().unwrap();
    let note = repaired["note"].as_str().unwrap();
    assert!(note.starts_with("repaired ") && note.ends_with(": seen at the gateway"), "{note}");
    assert_eq!(counted(&reconcile(&stall, day).await)[..2], [1, 1], "it is at rest");
}

#[tokio::test]
async fn a_payout_made_by_hand_is_for_people() {
    let stall = Stall::with_stripe().await;
    let intent = stall.ask().await;
    stall.pay_at(&stall.page(intent).await, "pm_card_visa").await;
    stall.pass(3 * DAY_S).await;
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/payouts", stall.emulator.as_ref().unwrap().stripe_url());
    let made = client.post(url).bearer_auth(key()).body("amount=10000&currency=inr");
    let made = made.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert!(made.status().is_success());
    stall.pass(3 * DAY_S).await;
    reconcile(&stall, payout_day(&stall).await).await;
    let unknown = the_open(&stall, "unknown-settlement-line").await;
    assert_eq!(unknown["amount"]["minor"], 100_00);
}

#[tokio::test]
async fn a_posting_that_is_not_in_the_books_is_written() {
    let stall = paid_by("pm_card_visa").await;
    let day = today(&stall);
    // Under another id it looks as if it had never been posted.
    let moved = "update payments set id = gen_random_uuid()";
    sqlx::query(moved).execute(stall.test.db.pool()).await.unwrap();
    reconcile(&stall, day).await;
    let differs = the_open(&stall, "books-differ").await;
    assert_eq!(repair(&stall, &differs).await, StatusCode::OK);
    stall.stripe_holds(2 * AMOUNT, 2 * (AMOUNT - COMMISSION), 2 * COMMISSION, 0).await;
}

#[tokio::test]
async fn a_gateway_in_trouble_is_compared_later() {
    let stall = paid_by("pm_card_visa").await;
    let trouble = FaultKind::Status { status: 503, retry_after_s: None };
    for fault in [trouble, FaultKind::Truncated, FaultKind::Malformed] {
        stall.stripe().add_fault(ApiFault::next_call(fault).on("GET", "/v1/payouts")).unwrap();
    }
    let asked = json!({"day": today(&stall), "reason": "the month ends"});
    let (_, run) = stall.post(operator(), "/operator/reconciliations", &asked).await;
    stall.work().await;
    let note = stall.text("select coalesce(note, '') from reconciliation_runs").await;
    assert!(!note.is_empty(), "why it did not succeed is told");
    for _ in 0..4 {
        stall.pass(3_600).await;
    }
    let (_, runs) = stall.get(operator(), "/operator/reconciliations").await;
    let done = runs["items"].as_array().unwrap().iter().find(|other| other["id"] == run["id"]).unwrap();
    assert_eq!((&done["state"], &done["matched"]), (&json!("done"), &json!(1)), "{done}");
}

#[tokio::test]
async fn every_page_of_the_gateways_lists_is_read() {
    let stall = paid_by("pm_card_visa").await;
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/payment_intents", stall.emulator.as_ref().unwrap().stripe_url());
    for _ in 0..120 {
        let strange = client.post(&url).bearer_auth(key()).body(
            "amount=10000&currency=inr&confirm=true&payment_method=pm_card_visa&automatic_payment_methods[enabled]=true\
             &automatic_payment_methods[allow_redirects]=never",
        );
        let made = strange.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
        assert!(made.status().is_success());
    }
    let run = reconcile(&stall, today(&stall)).await;
    assert_eq!(counted(&run)[..2], [121, 1], "120 are for nothing that was asked here");
}
