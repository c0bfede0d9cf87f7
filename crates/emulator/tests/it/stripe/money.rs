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
