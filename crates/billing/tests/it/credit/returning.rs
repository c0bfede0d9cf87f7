//! Paid credit goes back to where it was paid from.

use axum::http::StatusCode;
use emulator::razorpay::{NewMerchant, RefundFate, Settings};
use futures::future::join_all;
use platform::meter::{Measure, Meter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::credit::purse::Purse;

/// Asks for so much back under an id of its own.
async fn ask(purse: &Purse, id: u128, paise: i64) -> (StatusCode, Value) {
    let amount = json!({"minor": paise, "currency": "INR"});
    purse.post("/credit/refunds", &json!({"client_id": Uuid::from_u128(id), "amount": amount})).await
}

/// What can be spent, what can go back, and what is owed, in paise.
async fn stands(purse: &Purse) -> (i64, i64, i64) {
    let credit = purse.get("/credit").await;
    let minor = |name: &str| credit[name]["minor"].as_i64().unwrap();
    (minor("available"), minor("returnable"), minor("owed"))
}

fn refunds_are(purse: &Purse, refunds: RefundFate) {
    let settings = Settings { refunds, ..Settings::default() };
    purse.razorpay().set_settings(&NewMerchant::demo().key_id, settings).unwrap();
}

async fn spend(purse: &Purse, paise: u64) {
    let reserved = purse.reserve(Measure::AudioMs, paise * 2_000).await.unwrap();
    purse.credits.capture(reserved, paise * 2_000).await.unwrap();
}

/// Gives a payment back at the gateway's own dashboard.
async fn give_back_there(purse: &Purse, payment: &str, paise: i64) {
    let merchant = NewMerchant::demo();
    let client = platform::http::client(std::time::Duration::from_secs(5));
    let url = format!("{}/v1/payments/{payment}/refund", purse.emulator.as_ref().unwrap().razorpay_url());
    let request = client.post(url).basic_auth(merchant.key_id, Some(merchant.key_secret));
    let answer = request.json(&json!({"amount": paise})).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    purse.settle().await;
    purse.pass(60).await;
}

#[tokio::test]
async fn unspent_credit_goes_back_to_the_payments_it_came_from() {
    let purse = Purse::with_gateway().await;
    purse.top_up(100_00).await;
    spend(&purse, 40_00).await;
    purse.top_up(50_00).await;
    purse.grant(30_00, None).await;
    assert_eq!(stands(&purse).await, (140_00, 110_00, 0));
    let under_way = purse.reserve(Measure::AudioMs, 20_000).await.unwrap();
    let (status, asked) = ask(&purse, 1, 100_00).await;
    assert_eq!(status, StatusCode::CREATED, "{asked}");
    let parts: Vec<_> =
        asked.as_array().unwrap().iter().map(|part| part["amount"]["minor"].clone()).collect();
    assert_eq!(parts, [json!(50_00), json!(50_00)]);
    assert_eq!(stands(&purse).await.0, 40_00 - 10, "it cannot be spent on its way");
    assert_eq!(ask(&purse, 1, 100_00).await.1, asked, "once");
    assert_eq!(ask(&purse, 1, 99_00).await.0, StatusCode::CONFLICT);
    purse.settle().await;
    let listed = purse.get("/credit/refunds").await;
    assert!(listed["items"].as_array().unwrap().iter().all(|refund| refund["state"] == "made"), "{listed}");
    assert_eq!(purse.razorpay_refunds().await, [50_00, 50_00]);
    purse.credits.release(under_way).await.unwrap();
    assert_eq!(stands(&purse).await, (40_00, 10_00, 0));
    purse.check_books().await;
}

#[tokio::test]
async fn no_more_goes_back_than_is_paid_unspent_and_not_set_aside() {
    let purse = Purse::with_gateway().await;
    purse.top_up(10_00).await;
    purse.grant(5_00, None).await;
    spend(&purse, 6_00).await;
    assert_eq!(stands(&purse).await, (9_00, 9_00, 0));
    let _held = purse.reserve(Measure::AudioMs, 600_000).await.unwrap();
    for paise in [6_01, 99, 0, -1] {
        let (status, body) = ask(&purse, 2, paise).await;
        assert_eq!(
            (status, &body["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("amount")),
            "{paise}: {body}"
        );
    }
    let asked = join_all((10..15).map(|id| ask(&purse, id, 6_00))).await;
    let done = asked.iter().filter(|(status, _)| *status == StatusCode::CREATED).count();
    assert_eq!(done, 1, "{asked:?}");
    purse.settle().await;
    assert_eq!(purse.razorpay_refunds().await, [6_00]);
    purse.check_books().await;
}

#[tokio::test]
async fn what_the_gateway_finally_refuses_is_credit_again() {
    let purse = Purse::with_gateway().await;
    purse.top_up(100_00).await;
    refunds_are(&purse, RefundFate::FailedLater { after_s: 60 });
    ask(&purse, 3, 100_00).await;
    purse.settle().await;
    assert_eq!(stands(&purse).await, (0, 0, 0));
    for _ in 0..12 {
        purse.pass(3_700).await;
    }
    let listed = purse.get("/credit/refunds").await;
    assert_eq!(listed["items"][0]["state"], "refused", "{listed}");
    assert_eq!(stands(&purse).await, (100_00, 100_00, 0));
    refunds_are(&purse, RefundFate::Processed);
    ask(&purse, 4, 100_00).await;
    purse.settle().await;
    assert_eq!(purse.get("/credit/refunds").await["items"][0]["state"], "made");
    assert_eq!(stands(&purse).await, (0, 0, 0));
    purse.check_books().await;
}

#[tokio::test]
async fn a_top_up_that_was_given_back_at_the_gateway_takes_its_credit_and_the_rest_is_owed() {
    let purse = Purse::with_gateway().await;
    let payment = purse.top_up(100_00).await;
    spend(&purse, 30_00).await;
    give_back_there(&purse, &payment, 100_00).await;
    assert_eq!(stands(&purse).await, (0, 0, 30_00));
    let listed = purse.get("/credit/refunds").await["items"][0].clone();
    assert_eq!((&listed["made_at_gateway"], &listed["owed"]["minor"]), (&json!(true), &json!(30_00)));
    assert_eq!(listed["state"], "made");
    purse.grant(5_00, None).await;
    assert_eq!(stands(&purse).await, (5_00, 0, 30_00), "what is given does not fill it");
    purse.top_up(20_00).await;
    assert_eq!(stands(&purse).await, (5_00, 0, 10_00));
    purse.top_up(50_00).await;
    assert_eq!(stands(&purse).await, (45_00, 40_00, 0));
    purse.check_books().await;
}
