use emulator::razorpay::{Decision, Mishap, NewDispute};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::shop::{Receiver, Shop, answer};

const WEEK_S: u64 = 7 * 86_400;

fn suffer(shop: &Shop, mishap: &Mishap) -> String {
    shop.emulator.razorpay().suffer(&shop.key_id, mishap).unwrap()
}

async fn disputed(shop: &Shop, deduct_at_onset: bool) -> (String, String) {
    let payment = shop.captured_payment().await;
    let new = NewDispute { deduct_at_onset, ..NewDispute::of(&payment) };
    (suffer(shop, &Mishap::Disputed(new)), payment)
}

async fn dispute(shop: &Shop, id: &str) -> Value {
    shop.get(&format!("/v1/disputes/{id}")).await
}

async fn upload(shop: &Shop, content: &[u8]) -> (u16, Value) {
    let file = Part::bytes(content.to_vec()).file_name("evidence.pdf");
    let form = Form::new().text("purpose", "dispute_evidence").part("file", file);
    answer(shop.request(Method::POST, "/v1/documents").multipart(form)).await
}

async fn contest(shop: &Shop, id: &str, body: Value) -> (u16, Value) {
    answer(shop.request(Method::PATCH, &format!("/v1/disputes/{id}/contest")).json(&body)).await
}

/// What was taken off and given back for disputes, in paise.
async fn moved(shop: &Shop) -> Vec<i64> {
    let lines = shop.get("/v1/settlements/recon/combined?year=2025&month=11&count=100").await;
    let more = shop.get("/v1/settlements/recon/combined?year=2025&month=12&count=100").await;
    let all = [&lines, &more].into_iter().flat_map(|page| page["items"].as_array().unwrap().clone());
    let of_dispute = all.filter(|line| line["dispute_id"].is_string());
    of_dispute.map(|line| line["credit"].as_i64().unwrap() - line["debit"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_dispute_is_told_of_contested_with_documents_and_won() {
    let shop = Shop::open().await;
    let receiver = Receiver::open().await;
    shop.notify(&receiver);
    let (id, payment) = disputed(&shop, false).await;
    let open = dispute(&shop, &id).await;
    assert_eq!(
        (&open["status"], &open["payment_id"], &open["amount"]),
        (&json!("open"), &json!(payment), &json!(75_000))
    );
    assert_eq!(contest(&shop, &id, json!({"action": "submit", "summary": "handed over"})).await.0, 400);
    assert_eq!(contest(&shop, &id, json!({"billing_proof": ["doc_00000000000000"]})).await.0, 400);
    assert_eq!(upload(&shop, b"<html>").await.0, 400);
    let (status, document) = upload(&shop, b"%PDF-1.7 evidence").await;
    assert_eq!((status, &document["mime_type"]), (200, &json!("application/pdf")));
    let evidence =
        json!({"action": "submit", "summary": "handed over", "proof_of_service": [document["id"]]});
    let (status, contested) = contest(&shop, &id, evidence.clone()).await;
    assert_eq!((status, &contested["status"]), (200, &json!("under_review")), "{contested}");
    assert_eq!(contested["evidence"]["proof_of_service"], json!([document["id"]]));
    assert_eq!(contest(&shop, &id, evidence).await.0, 400, "once");
    shop.advance_s(WEEK_S + 1).await;
    assert_eq!(dispute(&shop, &id).await["status"], "under_review", "what was answered does not lapse");
    suffer(&shop, &Mishap::DisputeDecided { dispute_id: id.clone(), decision: Decision::Won });
    assert_eq!(dispute(&shop, &id).await["status"], "won");
    shop.emulator.razorpay().settle().await;
    let told: Vec<String> =
        receiver.events().into_iter().filter(|event| event.starts_with("payment.dispute.")).collect();
    assert_eq!(told, ["payment.dispute.created", "payment.dispute.under_review", "payment.dispute.won"]);
    assert_eq!(moved(&shop).await, Vec::<i64>::new());
}

#[tokio::test]
async fn what_is_accepted_or_not_answered_is_lost_and_taken_off() {
    let shop = Shop::open().await;
    let (accepted, _) = disputed(&shop, false).await;
    let (status, lost) = shop.post(&format!("/v1/disputes/{accepted}/accept"), json!({})).await;
    assert_eq!((status, &lost["status"], &lost["amount_deducted"]), (200, &json!("lost"), &json!(75_000)));
    assert_eq!(shop.post(&format!("/v1/disputes/{accepted}/accept"), json!({})).await.0, 400);
    let (forgotten, _) = disputed(&shop, false).await;
    shop.advance_s(WEEK_S).await;
    assert_eq!(dispute(&shop, &forgotten).await["status"], "lost");
    assert_eq!(moved(&shop).await, [-75_000, -75_000]);
    let listed = shop.get("/v1/disputes?count=1").await;
    assert_eq!(listed["items"][0]["id"], json!(forgotten));
}

#[tokio::test]
async fn money_taken_at_the_onset_comes_back_when_it_is_won() {
    let shop = Shop::open().await;
    let (id, _) = disputed(&shop, true).await;
    assert_eq!(moved(&shop).await, [-75_000]);
    let decide = |decision| suffer(&shop, &Mishap::DisputeDecided { dispute_id: id.clone(), decision });
    decide(Decision::ActionRequired);
    shop.advance_s(WEEK_S - 1).await;
    assert_eq!(dispute(&shop, &id).await["status"], "open", "more time was given");
    decide(Decision::Won);
    let mut both = moved(&shop).await;
    both.sort_unstable();
    assert_eq!(both, [-75_000, 75_000]);
}
