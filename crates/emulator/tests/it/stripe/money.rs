use serde_json::json;

use super::store::Store;
use crate::shop::text;

#[tokio::test]
async fn money_pends_for_two_days_and_is_then_available() {
    let store = Store::open().await;
    store.paid("pm_card_visa").await;
    let balance = store.get("/v1/balance").await;
    assert_eq!(
        (&balance["available"][0]["amount"], &balance["pending"][0]["amount"]),
        (&json!(0), &json!(72_795))
    );
    store.advance_s(2 * 86_400).await;
    let balance = store.get("/v1/balance").await;
    assert_eq!(
        (&balance["available"][0]["amount"], &balance["pending"][0]["amount"]),
        (&json!(72_795), &json!(0))
    );
}

#[tokio::test]
async fn what_is_available_is_paid_out_and_no_more() {
    let store = Store::open().await;
    store.paid("pm_card_bypassPending").await;
    let (status, refused) = store.post("/v1/payouts", &[("amount", "72796"), ("currency", "inr")]).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("balance_insufficient")));
    let payout = store.make("/v1/payouts", &[("amount", "72795"), ("currency", "inr")]).await;
    let path = format!("/v1/payouts/{}", text(&payout["id"]));
    store.advance_s(2 * 86_400).await;
    assert_eq!(store.get(&path).await["status"], "paid");
    assert_eq!(store.post(&format!("{path}/cancel"), &[]).await.0, 400);
    assert_eq!(store.get("/v1/balance").await["available"][0]["amount"], 0);
}

#[tokio::test]
async fn a_canceled_payout_gives_the_money_back() {
    let store = Store::open().await;
    store.paid("pm_card_bypassPending").await;
    let payout = store.make("/v1/payouts", &[("amount", "50000"), ("currency", "inr")]).await;
    let id = text(&payout["id"]);
    assert_eq!(store.make(&format!("/v1/payouts/{id}/cancel"), &[]).await["status"], "canceled");
    store.advance_s(3 * 86_400).await;
    assert_eq!(store.get("/v1/balance").await["available"][0]["amount"], 72_795);
    assert_eq!(store.events().await.last().map(String::as_str), Some("payout.canceled"));
}

#[tokio::test]
async fn a_payout_says_which_payments_and_refunds_it_paid_out() {
    let store = Store::open().await;
    store.set(|settings| settings.automatic_payouts = true);
    let first = store.paid("pm_card_visa").await;
    let refunded = store.paid("pm_card_visa").await;
    store.make("/v1/refunds", &[("payment_intent", &text(&refunded["id"])), ("amount", "30000")]).await;
    store.advance_s(3 * 86_400).await;
    store.paid("pm_card_visa").await;
    let payout = store.get("/v1/payouts").await["data"][0].clone();
    assert_eq!((&payout["automatic"], &payout["reconciliation_status"]), (&json!(true), &json!("completed")));
    assert_eq!(payout["amount"], 2 * 72_795 - 30_000);
    let path = format!("/v1/balance_transactions?payout={}", text(&payout["id"]));
    let paid_out = store.get(&path).await["data"].as_array().unwrap().clone();
    let kinds: Vec<_> = paid_out.iter().map(|booked| text(&booked["type"])).collect();
    assert_eq!(kinds, ["payout", "refund", "charge", "charge"]);
    assert_eq!(paid_out.iter().map(|booked| booked["net"].as_i64().unwrap()).sum::<i64>(), 0);
    assert_eq!(paid_out[3]["source"], first["latest_charge"]);
    assert!(store.events().await.contains(&"payout.reconciliation_completed".to_owned()));
}

#[tokio::test]
async fn a_payout_that_fails_comes_back_and_is_in_the_next() {
    let store = Store::open().await;
    store.set(|settings| (settings.automatic_payouts, settings.payouts_fail) = (true, true));
    store.paid("pm_card_bypassPending").await;
    store.advance_s(3 * 86_400).await;
    store.set(|settings| settings.payouts_fail = false);
    let failed = store.get("/v1/payouts?status=failed").await["data"][0].clone();
    assert_eq!((&failed["failure_code"], &failed["amount"]), (&json!("account_closed"), &json!(72_795)));
    store.advance_s(3 * 86_400).await;
    let next = store.get("/v1/payouts?status=paid").await["data"][0].clone();
    assert_eq!(next["amount"], 72_795);
    let paid_out = store.get(&format!("/v1/balance_transactions?payout={}", text(&next["id"]))).await;
    assert_eq!(paid_out["data"][1]["id"], failed["failure_balance_transaction"]);
}

#[tokio::test]
async fn every_movement_is_a_transaction_that_names_its_source() {
    let store = Store::open().await;
    let intent = store.paid("pm_card_createDispute").await;
    let (charge, other) = (text(&intent["latest_charge"]), store.paid("pm_card_visa").await);
    store.make("/v1/refunds", &[("payment_intent", &text(&other["id"]))]).await;
    let all = store.get("/v1/balance_transactions").await;
    let kinds: Vec<_> =
        all["data"].as_array().unwrap().iter().map(|booked| text(&booked["reporting_category"])).collect();
    assert_eq!(kinds, ["refund", "charge", "dispute", "charge"]);
    let of_charge =
        store.get(&format!("/v1/balance_transactions?source={charge}&expand[]=data.source")).await;
    assert_eq!(of_charge["data"][0]["source"]["payment_intent"], intent["id"]);
}

#[tokio::test]
async fn an_expansion_that_cannot_be_is_refused() {
    let store = Store::open().await;
    let id = text(&store.paid("pm_card_visa").await["id"]);
    for path in ["status", "nothing", "latest_charge.amount", "a.b.c.d.e"] {
        let url = format!("/v1/payment_intents/{id}?expand[]={path}");
        let (status, refused) = super::store::answer(store.request(reqwest::Method::GET, &url)).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &json!("expand")), "{path}");
    }
}
