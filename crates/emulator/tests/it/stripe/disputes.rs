use emulator::stripe::{NewDispute, Verdict};
use serde_json::{Value, json};

use super::store::Store;
use crate::shop::text;

async fn disputed(store: &Store, card: &str) -> Value {
    let intent = store.paid(card).await;
    store.get(&format!("/v1/disputes?payment_intent={}", text(&intent["id"]))).await["data"][0].clone()
}

fn net(dispute: &Value) -> i64 {
    dispute["balance_transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|booked| booked["net"].as_i64().unwrap())
        .sum()
}

#[tokio::test]
async fn a_dispute_takes_the_money_and_a_fee_and_winning_brings_the_money_back() {
    let store = Store::open().await;
    let dispute = disputed(&store, "pm_card_createDispute").await;
    assert_eq!((&dispute["status"], net(&dispute)), (&json!("needs_response"), -76_500));
    let path = format!("/v1/disputes/{}", text(&dispute["id"]));
    let staged = store.make(&path, &[("evidence[customer_name]", "Asha"), ("submit", "false")]).await;
    assert_eq!(
        (&staged["status"], &staged["evidence_details"]["has_evidence"]),
        (&json!("needs_response"), &json!(true))
    );
    let answered = store.make(&path, &[("evidence[uncategorized_text]", "winning_evidence")]).await;
    assert_eq!(
        (&answered["status"], &answered["evidence"]["customer_name"]),
        (&json!("under_review"), &json!("Asha"))
    );
    store.advance_s(60).await;
    let won = store.get(&path).await;
    assert_eq!((&won["status"], net(&won)), (&json!("won"), -1_500), "the fee is kept");
    assert_eq!(
        store.events().await[3..],
        [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.updated",
            "charge.dispute.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_reinstated",
        ]
    );
}

#[tokio::test]
async fn a_dispute_without_an_answer_is_lost_when_it_is_due() {
    let store = Store::open().await;
    let dispute = disputed(&store, "pm_card_createDisputeProductNotReceived").await;
    let path = format!("/v1/disputes/{}", text(&dispute["id"]));
    store.advance_s(9 * 86_400).await;
    assert_eq!(store.get(&path).await["status"], "lost");
    assert_eq!(store.post(&path, &[("evidence[receipt]", "file_1")]).await.0, 400);
}

#[tokio::test]
async fn an_inquiry_takes_no_money_until_it_escalates() {
    let store = Store::open().await;
    let inquiry = disputed(&store, "pm_card_createDisputeInquiry").await;
    assert_eq!((&inquiry["status"], net(&inquiry)), (&json!("warning_needs_response"), 0));
    assert_eq!(inquiry["is_charge_refundable"], true);
    let path = format!("/v1/disputes/{}", text(&inquiry["id"]));
    store.make(&path, &[("evidence[uncategorized_text]", "escalate_inquiry_evidence")]).await;
    store.advance_s(60).await;
    let dispute = store.get(&path).await;
    assert_eq!((&dispute["status"], net(&dispute)), (&json!("needs_response"), -76_500));
}

#[tokio::test]
async fn a_bank_disputes_and_decides_on_command() {
    let store = Store::open().await;
    let charge = text(&store.paid("pm_card_visa").await["latest_charge"]);
    let opened =
        store.stripe().dispute(&NewDispute { amount: Some(10_000), ..NewDispute::of(&charge) }).unwrap();
    assert_eq!((&opened["amount"], &opened["charge"]), (&json!(10_000), &json!(charge)));
    assert!(store.stripe().dispute(&NewDispute::of(&charge)).is_err(), "a charge is disputed once");
    let (_, refused) = store.post("/v1/refunds", &[("charge", &charge)]).await;
    assert_eq!(refused["error"]["code"], "charge_disputed");
    let verdict = Verdict { dispute: text(&opened["id"]), won: false };
    assert_eq!(store.stripe().decide(&verdict).unwrap()["status"], "lost");
}

#[tokio::test]
async fn a_merchant_gives_in_once() {
    let store = Store::open().await;
    let dispute = disputed(&store, "pm_card_createDispute").await;
    let path = format!("/v1/disputes/{}/close", text(&dispute["id"]));
    assert_eq!(store.make(&path, &[]).await["status"], "lost");
    assert_eq!(store.post(&path, &[]).await.0, 400);
}
