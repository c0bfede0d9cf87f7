//! A dispute of an order's money, answered with what the order kept.

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use emulator::Emulator;
use emulator::razorpay::{Decision, Mishap, NewDispute, NewMerchant, Play};
use identity::Caller;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use types::{Language, OrderId, Unit};

use crate::gateway::{open, settle, sheet};
use crate::market::{Market, Vendor};

/// A picture of one pixel.
const PHOTO: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/// A disputed order of 5 kg; gives what the gateway calls the dispute.
async fn disputed() -> (Market, Emulator, Vendor, OrderId, String) {
    let (market, emulator) = open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "120", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let order = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap().id;
    settle(&market, &emulator).await;
    let played = emulator.razorpay().play(&Play::order(&sheet(&market, &buyer, order).await)).unwrap();
    settle(&market, &emulator).await;
    let payment = played.payment["id"].as_str().unwrap().to_owned();
    let id = suffer(&emulator, &Mishap::Disputed(NewDispute::of(&payment)));
    settle(&market, &emulator).await;
    (market, emulator, vendor, order, id)
}

fn suffer(emulator: &Emulator, mishap: &Mishap) -> String {
    emulator.razorpay().suffer(&NewMerchant::demo().key_id, mishap).unwrap()
}

async fn path_of(market: &Market, vendor: &Vendor) -> String {
    let (_, page) = market.get(&vendor.caller, "/disputes").await;
    format!("/disputes/{}", page["items"][0]["id"].as_str().unwrap())
}

async fn file(market: &Market, caller: &Caller, path: &str) -> (StatusCode, Vec<u8>) {
    let router = market.router.clone().layer(Extension(caller.clone()));
    let response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    (response.status(), to_bytes(response.into_body(), 4 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn a_dispute_is_contested_with_what_was_said_and_won() {
    let (market, emulator, vendor, order, id) = Box::pin(disputed()).await;
    let path = path_of(&market, &vendor).await;
    let (status, dispute) = market.get(&vendor.caller, &path).await;
    assert_eq!((status, &dispute["order_id"]), (StatusCode::OK, &json!(order)));
    assert_eq!(market.show(&vendor.caller, order).await["payment"]["disputed"]["minor"], 200_00);

    let (_, pack) = market.get(&vendor.caller, &format!("{path}/evidence")).await;
    let parts = pack["parts"].as_array().unwrap();
    let names: Vec<&str> = parts.iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["order", "agreement", "payment", "delivery", "refunds", "documents"]);
    for part in parts {
        assert_eq!(part["sha256"], hex::encode(Sha256::digest(part["content"].to_string())), "{part}");
    }
    assert_eq!(parts[1]["content"][0][0]["text"], "five kilos");
    let (status, pdf) = file(&market, &vendor.caller, &format!("{path}/evidence.pdf")).await;
    assert!(status == StatusCode::OK && pdf.starts_with(b"%PDF-"));

    let body = json!({"statement": "he took five kilos along", "photo": PHOTO});
    let away = market.without_a_scanner().layer(Extension(vendor.caller.clone()));
    let request = Request::post(format!("{path}/contest")).header("content-type", "application/json");
    let unscanned = away.oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    assert_eq!(
        unscanned.status(),
        StatusCode::SERVICE_UNAVAILABLE,
        "no photograph is kept without a verdict"
    );
    assert_eq!(unscanned.headers()["retry-after"], "30");
    assert_eq!(market.get(&vendor.caller, &path).await.1["state"], "open");
    let (status, sent) = market.post(&vendor.caller, &format!("{path}/contest"), &body).await;
    assert_eq!((status, &sent["state"]), (StatusCode::OK, &json!("evidence_sent")), "{sent}");
    settle(&market, &emulator).await;
    assert_eq!(market.get(&vendor.caller, &path).await.1["state"], "under_review");
    let kinds = market
        .count("select count(distinct kind) from dispute_files where gateway_document_id is not null")
        .await;
    assert_eq!(kinds, 3, "the sheet, the receipt and the photograph");
    suffer(&emulator, &Mishap::DisputeDecided { dispute_id: id, decision: Decision::Won });
    settle(&market, &emulator).await;
    assert_eq!(market.get(&vendor.caller, &path).await.1["state"], "won");
    assert!(market.show(&vendor.caller, order).await["payment"].get("disputed").is_none());
}

#[tokio::test]
async fn a_dispute_is_given_in_to_by_the_operator_and_nobody_elses_is_seen() {
    let (market, emulator, vendor, order, _) = Box::pin(disputed()).await;
    let path = path_of(&market, &vendor).await;
    let other = market.vendor("Other", Language::English).await;
    let reason = json!({"reason": "the goods were spoilt"});
    for caller in [&other.caller] {
        for what in ["", "/evidence", "/evidence.pdf"] {
            assert_eq!(market.get(caller, &format!("{path}{what}")).await.0, StatusCode::NOT_FOUND, "{what}");
        }
        assert_eq!(market.post(caller, &format!("{path}/accept"), &reason).await.0, StatusCode::NOT_FOUND);
    }
    let silent = json!({"statement": " "});
    assert_eq!(
        market.post(&vendor.caller, &format!("{path}/contest"), &silent).await.1["field"],
        "statement"
    );
    let no_photo = json!({"statement": "see the photo", "photo": "PHN2Zz4="});
    assert_eq!(market.post(&vendor.caller, &format!("{path}/contest"), &no_photo).await.1["field"], "photo");
    let refund = json!({"client_id": order, "what": {"kind": "rest", "restock": false},
        "amount": {"minor": 200_00, "currency": "INR"}, "reason": "sorry"});
    let (status, refused) = market.post(&vendor.caller, &format!("/orders/{order}/refunds"), &refund).await;
    assert_eq!((status, &refused["type"]), (StatusCode::CONFLICT, &json!("/problems/payment-disputed")));

    let (status, _) = market.post(&market.operator(), &format!("{path}/accept"), &reason).await;
    assert_eq!(status, StatusCode::OK);
    settle(&market, &emulator).await;
    let over = market.get(&vendor.caller, &path).await.1;
    assert_eq!((&over["state"], &over["statement"]), (&json!("accepted"), &json!("the goods were spoilt")));
    // What the bank took is taken back of the bill, like a refund.
    let shown = market.show(&vendor.caller, order).await;
    assert_eq!(
        (&shown["state"], &shown["payment"]["refunded"]["minor"]),
        (&json!("refunded"), &json!(200_00)),
        "{shown}"
    );
    assert_eq!(
        (&shown["refunds"][0]["by"], shown["refunds"].as_array().map(Vec::len)),
        (&json!("bank"), Some(1))
    );
    assert!(shown["payment"].get("disputed").is_none() && shown["refunds"][0].get("reason").is_none());
    assert_eq!(shown["credit_notes"][0]["total"]["minor"], 200_00, "{shown}");
    let (status, late) =
        market.post(&vendor.caller, &format!("{path}/contest"), &json!({"statement": "wait"})).await;
    assert_eq!((status, &late["type"]), (StatusCode::CONFLICT, &json!("/problems/dispute-answered")));
    let asked: Value = market.get(&vendor.caller, "/disputes?state=open").await.1;
    assert_eq!(asked["items"], json!([]));
}

#[tokio::test]
async fn a_long_bargain_is_told_on_as_many_pages_as_banks_read() {
    let (market, emulator, vendor, _, _) = Box::pin(disputed()).await;
    let path = path_of(&market, &vendor).await;
    // Whoever says much, in many lines.
    let long = "update order_lines set transcript = (
            select jsonb_agg(jsonb_build_object(
                'at', '2026-11-26T10:00:00Z', 'by', 'buyer', 'text', repeat(n || ' kilos for a fair price ', 40),
                'in_english', repeat('an offer of ' || n || ' ', 60), 'recording_sha256', repeat('ab', 32)
            ))
            from generate_series(1, 400) as said (n)
        )";
    sqlx::query(long).execute(market.test.db.pool()).await.unwrap();
    let (_, pack) = market.get(&vendor.caller, &format!("{path}/evidence")).await;
    assert_eq!(pack["parts"][1]["content"][0].as_array().unwrap().len(), 400, "the record has all of it");
    let (status, pdf) = file(&market, &vendor.caller, &format!("{path}/evidence.pdf")).await;
    assert_eq!(status, StatusCode::OK);
    assert!((3..=47).contains(&pages(&pdf)), "{} pages", pages(&pdf));
    let body = json!({"statement": "it was long", "photo": PHOTO});
    assert_eq!(market.post(&vendor.caller, &format!("{path}/contest"), &body).await.0, StatusCode::OK);
    settle(&market, &emulator).await;
    assert_eq!(market.get(&vendor.caller, &path).await.1["state"], "under_review");
    let sent: Vec<u8> = sqlx::query_scalar("select content from dispute_files where kind = 'pack'")
        .fetch_one(market.test.db.pool())
        .await
        .unwrap();
    assert!((3..=47).contains(&pages(&sent)));
}

/// As a reader of PDF counts them.
fn pages(pdf: &[u8]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evidence.pdf");
    std::fs::write(&path, pdf).unwrap();
    let read = std::process::Command::new("pdftotext").arg(&path).arg("-").output().unwrap();
    assert!(read.status.success(), "{read:?}");
    read.stdout.split(|byte| *byte == 0x0c).count() - 1
}
