use emulator::stripe::RefundFate;
use serde_json::{Value, json};

use super::store::Store;
use crate::shop::text;

async fn refund(store: &Store, intent: &Value, more: &[(&str, &str)]) -> (u16, Value) {
    let id = text(&intent["id"]);
    store.post("/v1/refunds", &[&[("payment_intent", id.as_str())], more].concat()).await
}

#[tokio::test]
async fn refunds_give_back_what_was_paid_and_no_more() {
    let store = Store::open().await;
    let intent = store.paid("pm_card_visa").await;
    let (_, part) = refund(&store, &intent, &[("amount", "30000"), ("metadata[why]", "bruised")]).await;
    assert_eq!((&part["status"], &part["metadata"]["why"]), (&json!("succeeded"), &json!("bruised")));
    let (status, refused) = refund(&store, &intent, &[("amount", "45001")]).await;
    assert_eq!(status, 400);
    assert_eq!(
        refused["error"]["message"],
        "Refund amount (₹450.01) is greater than unrefunded amount on charge (₹450.00)"
    );
    refund(&store, &intent, &[]).await;
    let charge = store.get(&format!("/v1/charges/{}?expand[]=refunds", text(&intent["latest_charge"]))).await;
    assert_eq!((&charge["refunded"], &charge["amount_refunded"]), (&json!(true), &json!(75_000)));
    assert_eq!(charge["refunds"]["data"].as_array().unwrap().len(), 2);
    let (_, refused) = refund(&store, &intent, &[]).await;
    assert_eq!(refused["error"]["code"], "charge_already_refunded");
    let balance = store.get("/v1/balance").await;
    assert_eq!(balance["available"][0]["amount"], -75_000, "the fee is not given back, and the money pends");
}

#[tokio::test]
async fn a_slow_refund_pends_and_then_succeeds() {
    let store = Store::open().await;
    let intent = store.paid("pm_card_pendingRefund").await;
    let (_, made) = refund(&store, &intent, &[]).await;
    assert_eq!((&made["status"], &made["pending_reason"]), (&json!("pending"), &json!("processing")));
    store.advance_s(60).await;
    assert_eq!(store.get(&format!("/v1/refunds/{}", text(&made["id"]))).await["status"], "succeeded");
    assert_eq!(
        store.events().await[3..],
        ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]
    );
}

#[tokio::test]
async fn a_refund_that_fails_later_gives_the_money_back_to_the_account() {
    let store = Store::open().await;
    let intent = store.paid("pm_card_refundFail").await;
    let (_, made) = refund(&store, &intent, &[]).await;
    assert_eq!(made["status"], "succeeded");
    store.advance_s(60).await;
    let failed = store.get(&format!("/v1/refunds/{}", text(&made["id"]))).await;
    assert_eq!(
        (&failed["status"], &failed["failure_reason"]),
        (&json!("failed"), &json!("expired_or_canceled_card"))
    );
    let charge = store.get(&format!("/v1/charges/{}", text(&intent["latest_charge"]))).await;
    assert_eq!(charge["amount_refunded"], 0);
    assert_eq!(store.get("/v1/balance").await["available"][0]["amount"], 0);
    assert_eq!(store.events().await.last().map(String::as_str), Some("refund.failed"));
}

#[tokio::test]
async fn an_account_may_decide_what_becomes_of_every_refund() {
    let store = Store::open().await;
    store.set(|settings| settings.refunds = RefundFate::PendsThenFails);
    let intent = store.paid("pm_card_visa").await;
    let (_, made) = refund(&store, &intent, &[]).await;
    assert_eq!(made["status"], "pending");
    store.advance_s(60).await;
    assert_eq!(store.get(&format!("/v1/refunds/{}", text(&made["id"]))).await["status"], "failed");
}

#[tokio::test]
async fn what_was_not_captured_cannot_be_refunded() {
    let store = Store::open().await;
    let (_, held) = store.pay_with("pm_card_visa", &[("capture_method", "manual")]).await;
    let (status, refused) = refund(&store, &held, &[]).await;
    assert_eq!(status, 400);
    assert!(text(&refused["error"]["message"]).contains("does not have a successful charge to refund"));
    assert_eq!(store.post("/v1/refunds", &[]).await.0, 400);
    assert_eq!(store.post("/v1/refunds", &[("charge", "ch_nothing")]).await.0, 400);
}
