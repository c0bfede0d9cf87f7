//! Disputes: told of, answered, decided; their money in the books.

use axum::http::StatusCode;
use emulator::razorpay::{Decision, Mishap, NewDispute, NewMerchant, Play};
use emulator::{ApiFault, FaultKind};
use payments::{DisputeId, Evidence, EvidenceFile, FileKind};
use serde_json::{Value, json};
use types::PersonId;
use uuid::Uuid;

use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

const WEEK_S: u32 = 7 * 86_400;

fn suffer(stall: &Stall, mishap: &Mishap) -> String {
    stall.razorpay().suffer(&NewMerchant::demo().key_id, mishap).unwrap()
}

async fn paid() -> (Stall, String) {
    let stall = Stall::with_gateway().await;
    let intent = stall.ask().await;
    stall.play(&Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    let payment = stall.text("select gateway_payment_id from payments").await;
    (stall, payment)
}

/// A paid order whose payment is disputed, and the gateway's id of that.
async fn disputed() -> (Stall, String) {
    let (stall, payment) = paid().await;
    let id = suffer(&stall, &Mishap::Disputed(NewDispute::of(&payment)));
    stall.work().await;
    (stall, id)
}

async fn decide(stall: &Stall, id: &str, decision: Decision) {
    suffer(stall, &Mishap::DisputeDecided { dispute_id: id.to_owned(), decision });
    stall.work().await;
}

pub async fn only(stall: &Stall) -> Value {
    let (status, page) = stall.get(stall.vendor(), "/disputes").await;
    assert_eq!((status, page["items"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)), "{page}");
    page["items"][0].clone()
}

pub fn evidence() -> Evidence {
    let pack = EvidenceFile {
        kind: FileKind::Pack,
        name: "evidence.pdf".to_owned(),
        media_type: "application/pdf",
        pages: 1,
        content: b"%PDF-1.7 what was agreed".to_vec(),
    };
    let invoice = EvidenceFile {
        kind: FileKind::Invoice,
        name: "invoice.pdf".to_owned(),
        content: b"%PDF-1.7 INV/26-27/0001".to_vec(),
        ..pack.clone()
    };
    Evidence { statement: "handed over at the stall".to_owned(), files: vec![pack, invoice] }
}

pub async fn contest(stall: &Stall) -> Result<(), payments::Error> {
    answer(stall, Some(evidence())).await
}

pub async fn answer(stall: &Stall, evidence: Option<Evidence>) -> Result<(), payments::Error> {
    let id: Uuid = stall.text("select id::text from disputes").await.parse().unwrap();
    let (id, by) = (DisputeId::from(id), PersonId::from_uuid(Uuid::from_u128(1)));
    let mut transaction = stall.test.db.begin().await.unwrap();
    match evidence {
        Some(evidence) => {
            stall.payments.contest_dispute(&mut transaction, stall.tenant, id, by, &evidence).await?;
        }
        None => {
            stall.payments.accept_dispute(&mut transaction, stall.tenant, id, by, "it was spoilt").await?;
        }
    }
    transaction.commit().await.unwrap();
    stall.work().await;
    Ok(())
}

async fn held(stall: &Stall) -> (i64, i64) {
    (stall.balance("vendor:payable").await, stall.balance("disputes:held").await)
}

#[tokio::test]
async fn a_disputed_payment_is_on_hold_and_comes_back_when_it_is_won() {
    let (stall, id) = disputed().await;
    let open = only(&stall).await;
    assert_eq!((&open["state"], &open["amount"]["minor"]), (&json!("open"), &json!(AMOUNT)));
    assert_eq!((&open["order_number"], &open["held"]["minor"]), (&json!("12"), &json!(AMOUNT)));
    assert_eq!(held(&stall).await, (0, AMOUNT));
    stall.books_hold(AMOUNT, 0, 0, 0).await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!((&wallet["disputed"]["minor"], &wallet["owed"]["minor"]), (&json!(AMOUNT), &json!(0)));
    assert_eq!(wallet["entries"]["items"][0]["text_key"], "dispute");

    contest(&stall).await.unwrap();
    assert_eq!(only(&stall).await["state"], "under_review");
    let there = stall.at_gateway(&format!("/v1/disputes/{id}")).await;
    assert_eq!(there["evidence"]["summary"], "handed over at the stall");
    for proof in ["billing_proof", "customer_communication"] {
        assert_eq!(there["evidence"][proof].as_array().map(Vec::len), Some(1), "{proof}");
    }
    decide(&stall, &id, Decision::Won).await;
    assert_eq!(only(&stall).await["state"], "won");
    assert_eq!(held(&stall).await, (AMOUNT - COMMISSION, 0));
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
    stall.refund(stall.order).await.unwrap();
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn one_that_is_given_in_to_is_taken_by_the_gateway() {
    let (stall, _) = disputed().await;
    answer(&stall, None).await.unwrap();
    answer(&stall, None).await.unwrap();
    let over = only(&stall).await;
    assert_eq!((&over["state"], &over["answer"]), (&json!("accepted"), &json!("accept")));
    assert_eq!(held(&stall).await, (0, 0));
    stall.books_hold(0, 0, 0, 0).await;
    assert!(matches!(contest(&stall).await, Err(payments::Error::DisputeAnswered)));
    assert!(matches!(stall.refund_part(1_00).await, Err(payments::Error::RefundTooLarge(_))));
}

#[tokio::test]
async fn one_that_nobody_answers_expires_and_one_that_is_contested_may_be_lost() {
    let (stall, _) = disputed().await;
    stall.pass(WEEK_S + 1).await;
    assert_eq!(only(&stall).await["state"], "expired");
    stall.books_hold(0, 0, 0, 0).await;

    let (stall, id) = disputed().await;
    contest(&stall).await.unwrap();
    decide(&stall, &id, Decision::Lost).await;
    assert_eq!(only(&stall).await["state"], "lost");
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn nothing_of_a_disputed_payment_is_refunded() {
    let (stall, _) = disputed().await;
    assert!(matches!(stall.refund(stall.order).await, Err(payments::Error::Disputed)));
    assert!(matches!(stall.refund_part(10_00).await, Err(payments::Error::Disputed)));
    assert_eq!(stall.count("refunds").await, 0);
}

#[tokio::test]
async fn a_part_is_disputed_and_the_rest_can_go_back_afterwards() {
    let (stall, payment) = paid().await;
    stall.refund_part(50_00).await.unwrap();
    let part = NewDispute { amount: Some(60_01), ..NewDispute::of(&payment) };
    let id = suffer(&stall, &Mishap::Disputed(part));
    stall.work().await;
    decide(&stall, &id, Decision::Lost).await;
    assert!(matches!(stall.refund_part(40_00).await, Err(payments::Error::RefundTooLarge(_))));
    stall.refund(stall.order).await.unwrap();
    stall.books_hold(0, 0, 0, 0).await;
}

#[tokio::test]
async fn a_dispute_whose_webhooks_are_lost_is_found() {
    let (stall, payment) = paid().await;
    let due = "insert into job_schedules (name, next_run_at) values ('watch-disputes', $1)";
    sqlx::query(due).bind(stall.now()).execute(stall.test.db.pool()).await.unwrap();
    stall.razorpay().set_webhooks(&NewMerchant::demo().key_id, Vec::new()).unwrap();
    let id = suffer(&stall, &Mishap::Disputed(NewDispute::of(&payment)));
    stall.pass(3_600).await;
    assert_eq!(only(&stall).await["state"], "open");
    decide(&stall, &id, Decision::Won).await;
    stall.pass(3_600).await;
    assert_eq!(only(&stall).await["state"], "won");
    stall.books_hold(AMOUNT, AMOUNT - COMMISSION, COMMISSION, 0).await;
}

#[tokio::test]
async fn a_bank_that_wants_more_gives_more_time() {
    let (stall, id) = disputed().await;
    contest(&stall).await.unwrap();
    stall.pass(86_400).await;
    decide(&stall, &id, Decision::ActionRequired).await;
    let again = only(&stall).await;
    assert_eq!((&again["state"], again.get("answer")), (&json!("open"), None));
    contest(&stall).await.unwrap();
    assert_eq!(only(&stall).await["state"], "under_review");
    assert_eq!(held(&stall).await, (0, AMOUNT), "held once");
}

#[tokio::test]
async fn an_answer_whose_answer_was_lost_gives_no_file_twice() {
    let (stall, id) = disputed().await;
    let lost =
        ApiFault::next_call(FaultKind::Malformed).on("PATCH", "/v1/disputes/*/contest").after_the_effect();
    stall.razorpay().add_fault(lost).unwrap();
    contest(&stall).await.unwrap();
    stall.pass(60).await;
    assert_eq!(only(&stall).await["state"], "under_review");
    let uploads = stall.razorpay().calls().into_iter().filter(|call| call.path == "/v1/documents").count();
    assert_eq!(uploads, 2, "{id}");
}

#[tokio::test]
async fn an_answer_that_the_gateway_refuses_waits_for_another() {
    let (stall, _) = disputed().await;
    let no_pdf = EvidenceFile { content: b"<html>".to_vec(), ..evidence().files[0].clone() };
    answer(&stall, Some(Evidence { files: vec![no_pdf], ..evidence() })).await.unwrap();
    let again = only(&stall).await;
    assert_eq!((&again["state"], again.get("answer")), (&json!("open"), None));
    assert!(again["note"].as_str().unwrap().contains("refused"), "{again}");
    contest(&stall).await.unwrap();
    assert_eq!(only(&stall).await["state"], "under_review");
}

#[tokio::test]
async fn the_operator_sees_every_stalls_disputes_and_others_none() {
    let (stall, id) = disputed().await;
    let (status, page) = stall.get(operator(), "/operator/disputes?state=open").await;
    assert_eq!((status, &page["items"][0]["gateway_dispute_id"]), (StatusCode::OK, &json!(id)));
    assert_eq!(page["items"][0]["stall_name"], "Meena's Tomatoes");
    assert_eq!(stall.get(operator(), "/operator/disputes?state=won").await.1["items"], json!([]));
    assert_eq!(stall.get(stall.vendor(), "/operator/disputes").await.0, StatusCode::FORBIDDEN);
    assert_eq!(stall.get(stall.buyer(), "/disputes").await.0, StatusCode::UNAUTHORIZED);
    let large = EvidenceFile { content: vec![b'%'; 4 * 1024 * 1024 + 1], ..evidence().files[0].clone() };
    let refused = answer(&stall, Some(Evidence { files: vec![large], ..evidence() })).await;
    assert!(matches!(refused, Err(payments::Error::EvidenceTooLarge)));
    let long = EvidenceFile { pages: 49, ..evidence().files[0].clone() };
    let refused = answer(&stall, Some(Evidence { files: vec![long.clone(), long], ..evidence() })).await;
    assert!(matches!(refused, Err(payments::Error::EvidenceTooLarge)), "no network reads so many pages");
    assert_eq!(only(&stall).await["state"], "open");
}
