//! Paying vendors out through a provider: what it does, what it says, and when it is away.

use axum::http::StatusCode;
use emulator::razorpay::{NewMerchant, PayoutFate, WebhookFault, WebhookFaultKind};
use emulator::{ApiFault, FaultKind, When};
use serde_json::{Value, json};

use crate::payouts::{act, give_account, payouts, run, sell, wallet};
use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

const NET: i64 = AMOUNT - COMMISSION;
const HOLD_S: u32 = 2 * 86_400;

/// A stall with a sale that can be paid out.
async fn ready() -> Stall {
    let stall = Stall::with_provider().await;
    give_account(&stall).await;
    sell(&stall).await;
    stall.pass(HOLD_S + 1).await;
    stall
}

fn set_fate(stall: &Stall, fate: PayoutFate) {
    let key = NewMerchant::demo().key_id;
    let mut settings = stall.razorpay().settings(&key).unwrap();
    settings.payouts = fate;
    stall.razorpay().set_settings(&key, settings).unwrap();
}

fn fault(path: &str, times: Option<u32>, when: When, fault: FaultKind) -> ApiFault {
    ApiFault { method: None, path: Some(path.to_owned()), times, when, fault }
}

fn lose_webhooks(stall: &Stall) {
    let lost = WebhookFault { event: None, times: None, fault: WebhookFaultKind::Lose };
    stall.razorpay().add_webhook_fault(&NewMerchant::demo().key_id, lost).unwrap();
}

async fn at_provider(stall: &Stall) -> Vec<Value> {
    let path = format!("/v1/payouts?account_number={}&count=100", emulator::razorpay::ACCOUNT_NUMBER);
    stall.at_gateway(&path).await["items"].as_array().unwrap().clone()
}

async fn state(stall: &Stall) -> String {
    payouts(stall).await[0]["state"].as_str().unwrap().to_owned()
}

fn why() -> Value {
    json!({"reason": "the bank mended it"})
}

#[tokio::test]
async fn a_run_pays_through_the_provider_and_its_webhook_tells_when_it_is_there() {
    let stall = ready().await;
    run(&stall).await;
    assert_eq!(state(&stall).await, "pending");
    assert_eq!(wallet(&stall).await, [0, 0, 0, NET, 0]);
    stall.pass(2).await;
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
    let payout = payouts(&stall).await[0].clone();
    assert_eq!((&payout["state"], &payout["by_hand"]), (&json!("paid"), &json!(false)));
    let theirs = &at_provider(&stall).await[0];
    assert_eq!((&payout["utr"], &payout["id"]), (&theirs["utr"], &theirs["reference_id"]));
    let made = json!({"utr": "UTR000001", "reason": "by hand"});
    assert_eq!(act(&stall, &payout, "paid", &made).await.0, StatusCode::CONFLICT);
    assert_eq!(stall.count("webhook_events where gateway = 'razorpayx' and state = 'done'").await, 2);
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_money_moved_pays_once() {
    let stall = ready().await;
    let lost = FaultKind::Status { status: 504, retry_after_s: None };
    stall.razorpay().add_fault(fault("/v1/payouts", Some(3), When::After, lost)).unwrap();
    lose_webhooks(&stall);
    run(&stall).await;
    for _ in 0..8 {
        stall.pass(3_600).await;
    }
    let asked = stall
        .razorpay()
        .calls()
        .into_iter()
        .filter(|call| call.method == "POST" && call.path == "/v1/payouts");
    assert_eq!(asked.count(), 4, "three answers were lost");
    assert_eq!(at_provider(&stall).await.len(), 1);
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
}

#[tokio::test]
async fn a_provider_that_is_away_is_asked_again_until_it_is_back() {
    let stall = ready().await;
    let away = FaultKind::Status { status: 503, retry_after_s: Some(60) };
    stall.razorpay().add_fault(fault("/v1/contacts", Some(2), When::Before, away)).unwrap();
    run(&stall).await;
    assert_eq!((state(&stall).await.as_str(), at_provider(&stall).await.len()), ("asked", 0));
    for _ in 0..6 {
        stall.pass(600).await;
    }
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
}

#[tokio::test]
async fn a_payout_that_fails_is_the_vendors_again_and_is_made_good_by_another() {
    let stall = ready().await;
    set_fate(&stall, PayoutFate::Failed { after_s: 5 });
    run(&stall).await;
    stall.pass(5).await;
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
    let failed = payouts(&stall).await[0].clone();
    assert_eq!(failed["state"], "failed");
    assert!(failed["note"].as_str().unwrap().contains("Payout failed"), "{failed}");
    set_fate(&stall, PayoutFate::Processed { after_s: 5 });
    let (status, old) = act(&stall, &failed, "retry", &why()).await;
    assert_eq!((status, &old["retried"]), (StatusCode::OK, &json!(true)), "{old}");
    stall.work().await;
    stall.pass(5).await;
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
    assert_eq!(at_provider(&stall).await.len(), 2);
}

#[tokio::test]
async fn what_the_provider_refuses_fails_at_once() {
    let stall = ready().await;
    let refused = FaultKind::Status { status: 400, retry_after_s: None };
    stall.razorpay().add_fault(fault("/v1/payouts", Some(1), When::Before, refused)).unwrap();
    run(&stall).await;
    assert_eq!(state(&stall).await, "failed");
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
}

#[tokio::test]
async fn a_payout_that_comes_back_later_is_the_vendors_again_even_if_nobody_tells() {
    let stall = ready().await;
    set_fate(&stall, PayoutFate::Reversed { after_s: 5, reversed_after_s: 86_400 });
    run(&stall).await;
    stall.pass(5).await;
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
    lose_webhooks(&stall);
    // Whoever waited for it to be paid has looked.
    stall.pass(600).await;
    stall.pass(86_400).await;
    assert_eq!(state(&stall).await, "paid");
    stall.pass(2 * 86_400 + 60).await;
    assert_eq!(state(&stall).await, "reversed");
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
}

#[tokio::test]
async fn a_payout_that_waits_for_money_can_be_called_off_and_one_at_the_bank_cannot() {
    let stall = ready().await;
    let key = NewMerchant::demo().key_id;
    let held = stall.razorpay().add_funds(&key, 0).unwrap();
    stall.razorpay().add_funds(&key, -held).unwrap();
    run(&stall).await;
    let payout = payouts(&stall).await[0].clone();
    assert!(payout["note"].as_str().unwrap().contains("insufficient balance"));
    let (status, payout) = act(&stall, &payout, "cancel", &why()).await;
    assert_eq!((status, &payout["state"]), (StatusCode::OK, &json!("cancelled")), "{payout}");
    assert_eq!(wallet(&stall).await, [NET, 0, NET, 0, 0]);
    stall.razorpay().add_funds(&key, held).unwrap();
    run(&stall).await;
    let (status, _) = act(&stall, &payouts(&stall).await[0], "cancel", &why()).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn webhooks_out_of_order_twice_or_forged_change_nothing() {
    let stall = ready().await;
    let twice = WebhookFault {
        event: None,
        times: None,
        fault: WebhookFaultKind::Duplicate { copies: 2, at_once: true },
    };
    stall.razorpay().add_webhook_fault(&NewMerchant::demo().key_id, twice).unwrap();
    run(&stall).await;
    stall.pass(5).await;
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
    let forged = json!({"event": "payout.reversed", "payload": {"payout": {"entity": {"id": "pout_1"}}}});
    assert_eq!(stall.post(operator(), "/webhooks/razorpayx", &forged).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET]);
}

#[tokio::test]
async fn what_the_provider_takes_is_the_platforms_expense_and_comes_back_with_the_money() {
    let stall = ready().await;
    let key = NewMerchant::demo().key_id;
    let mut settings = stall.razorpay().settings(&key).unwrap();
    settings.payout_fee_paise = 5_00;
    settings.payouts = PayoutFate::Reversed { after_s: 2, reversed_after_s: 7_200 };
    stall.razorpay().set_settings(&key, settings).unwrap();
    run(&stall).await;
    stall.pass(3).await;
    let payout = payouts(&stall).await[0].clone();
    assert_eq!((&payout["state"], &payout["fee"]["minor"]), (&json!("paid"), &json!(5_90)), "{payout}");
    assert_eq!(wallet(&stall).await, [0, 0, 0, 0, NET], "it costs the vendor nothing");
    assert_eq!((stall.balance("fees:payouts").await, stall.balance("bank:payout-fees").await), (5_90, -5_90));
    stall.pass(7_201).await;
    let payout = payouts(&stall).await[0].clone();
    assert_eq!((&payout["state"], payout.get("fee")), (&json!("reversed"), None), "{payout}");
    assert_eq!((stall.balance("fees:payouts").await, stall.balance("bank:payout-fees").await), (0, 0));
}
