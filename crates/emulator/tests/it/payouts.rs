//! `RazorpayX`: contacts, fund accounts and payouts.

use emulator::razorpay::{ACCOUNT_NUMBER, PayoutFate, Settings};
use emulator::{ApiFault, FaultKind, When};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Receiver, Shop, answer, text};

async fn account(shop: &Shop) -> String {
    let (status, contact) =
        shop.post("/v1/contacts", json!({ "name": "Meena Kumari", "type": "vendor" })).await;
    assert_eq!(status, 200, "{contact}");
    let bank = json!({ "name": "Meena Kumari", "ifsc": "HDFC0000053", "account_number": "765432101234" });
    let body = json!({ "contact_id": contact["id"], "account_type": "bank_account", "bank_account": bank });
    let (status, account) = shop.post("/v1/fund_accounts", body.clone()).await;
    assert_eq!(status, 200, "{account}");
    assert_eq!(shop.post("/v1/fund_accounts", body).await.1, account, "the same account is the same");
    text(&account["id"])
}

fn body(account: &str) -> Value {
    json!({
        "account_number": ACCOUNT_NUMBER, "fund_account_id": account, "amount": 146_25, "currency": "INR", "mode": "IMPS",
        "purpose": "payout", "queue_if_low_balance": true, "reference_id": "payout-1", "narration": "A payout",
    })
}

async fn pay(shop: &Shop, key: &str, body: &Value) -> (u16, Value) {
    answer(shop.request(Method::POST, "/v1/payouts").header("X-Payout-Idempotency", key).json(body)).await
}

async fn status(shop: &Shop, payout: &Value) -> Value {
    shop.get(&format!("/v1/payouts/{}", text(&payout["id"]))).await["status"].clone()
}

#[tokio::test]
async fn a_payout_is_processed_in_time_and_told_of() {
    let (shop, receiver) = (Shop::open().await, Receiver::open().await);
    shop.notify(&receiver);
    let account = account(&shop).await;
    let (code, payout) = pay(&shop, "key-1", &body(&account)).await;
    assert_eq!(
        (code, &payout["status"], &payout["utr"]),
        (200, &json!("processing"), &Value::Null),
        "{payout}"
    );
    shop.advance_s(2).await;
    let done = shop.get(&format!("/v1/payouts/{}", text(&payout["id"]))).await;
    assert_eq!(
        (&done["status"], &done["status_details"]["reason"]),
        (&json!("processed"), &json!("payout_processed"))
    );
    assert!(done["utr"].is_string());
    let events: Vec<String> = shop.deliveries().iter().map(|delivery| delivery.event.to_string()).collect();
    assert_eq!(events, ["payout.initiated", "payout.processed"]);
    let list = shop.get(&format!("/v1/payouts?account_number={ACCOUNT_NUMBER}&reference_id=payout-1")).await;
    assert_eq!(list["items"], json!([done]));
}

#[tokio::test]
async fn a_key_makes_one_payout_and_no_other() {
    let shop = Shop::open().await;
    let account = account(&shop).await;
    let lost = FaultKind::Status { status: 504, retry_after_s: None };
    let fault = ApiFault {
        method: None,
        path: Some("/v1/payouts".to_owned()),
        times: Some(1),
        when: When::After,
        fault: lost,
    };
    shop.emulator.razorpay().add_fault(fault).unwrap();
    assert_eq!(pay(&shop, "key-1", &body(&account)).await.0, 504);
    let (code, payout) = pay(&shop, "key-1", &body(&account)).await;
    assert_eq!(code, 200);
    let list = shop.get(&format!("/v1/payouts?account_number={ACCOUNT_NUMBER}")).await;
    assert_eq!((&list["count"], &list["items"][0]["id"]), (&json!(1), &payout["id"]));
    let mut other = body(&account);
    other["amount"] = json!(200_00);
    assert_eq!(pay(&shop, "key-1", &other).await.0, 400);
    let (code, refused) = shop.post("/v1/payouts", body(&account)).await;
    assert_eq!((code, &refused["error"]["field"]), (400, &json!("X-Payout-Idempotency")));
    assert_eq!(pay(&shop, "abc", &body(&account)).await.0, 400);
    assert_eq!(pay(&shop, &"k".repeat(37), &body(&account)).await.0, 400);
}

#[tokio::test]
async fn a_payout_waits_for_money_and_can_be_called_off_until_then() {
    let shop = Shop::open().await;
    let account = account(&shop).await;
    let held = shop.emulator.razorpay().add_funds(&shop.key_id, 0).unwrap();
    shop.emulator.razorpay().add_funds(&shop.key_id, -held).unwrap();
    let (_, first) = pay(&shop, "key-1", &body(&account)).await;
    let (_, second) = pay(&shop, "key-2", &body(&account)).await;
    assert_eq!(
        (&first["status"], &first["status_details"]["reason"]),
        (&json!("queued"), &json!("low_balance"))
    );
    let cancel = format!("/v1/payouts/{}/cancel", text(&second["id"]));
    assert_eq!(shop.post(&cancel, json!({})).await.1["status"], "cancelled");
    assert_eq!(shop.post(&cancel, json!({})).await.0, 400);
    shop.emulator.razorpay().add_funds(&shop.key_id, 1_000_00).unwrap();
    assert_eq!(status(&shop, &first).await, "processing");
    let mut impatient = body(&account);
    impatient["queue_if_low_balance"] = json!(false);
    impatient["amount"] = json!(5_000_00);
    assert_eq!(pay(&shop, "key-3", &impatient).await.0, 400);
}

#[tokio::test]
async fn a_payout_fails_or_comes_back_as_the_account_is_set_and_its_money_is_there_again() {
    let shop = Shop::open().await;
    let account = account(&shop).await;
    let held = shop.emulator.razorpay().add_funds(&shop.key_id, 0).unwrap();
    shop.set(|settings: &mut Settings| settings.payouts = PayoutFate::Failed { after_s: 5 });
    let (_, failed) = pay(&shop, "key-1", &body(&account)).await;
    shop.advance_s(5).await;
    assert_eq!(status(&shop, &failed).await, "failed");
    shop.set(|settings: &mut Settings| {
        settings.payouts = PayoutFate::Reversed { after_s: 5, reversed_after_s: 60 };
    });
    let (_, reversed) = pay(&shop, "key-2", &body(&account)).await;
    shop.advance_s(5).await;
    assert_eq!(status(&shop, &reversed).await, "processed");
    shop.advance_s(60).await;
    assert_eq!(status(&shop, &reversed).await, "reversed");
    assert_eq!(shop.emulator.razorpay().add_funds(&shop.key_id, 0).unwrap(), held);
}

#[tokio::test]
async fn what_is_not_as_documented_is_refused() {
    let shop = Shop::open().await;
    let account = account(&shop).await;
    for (field, value) in [
        ("account_number", json!("1111")),
        ("fund_account_id", json!("fa_00000000000000")),
        ("amount", json!(99)),
        ("mode", json!("UPI")),
        ("narration", json!("x".repeat(31))),
        ("colour", json!("red")),
    ] {
        let mut wrong = body(&account);
        wrong[field] = value;
        assert_eq!(pay(&shop, "key-1", &wrong).await.0, 400, "{field}");
    }
    let vpa =
        json!({ "contact_id": "cont_00000000000000", "account_type": "vpa", "vpa": { "address": "a@b" } });
    assert_eq!(shop.post("/v1/fund_accounts", vpa).await.0, 400);
}
