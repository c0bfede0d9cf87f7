//! The stall's code.

use axum::http::StatusCode;
use catalog::{QrError, VALID_FOR};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::shop::{Shop, Vendor, slug};

async fn named(shop: &Shop) -> Vendor {
    let vendor = shop.vendor();
    vendor.put("/stall", &json!({"name": "Fresh", "language": "ta"})).await;
    vendor
}

async fn code(vendor: &Vendor) -> Value {
    let (status, qr) = vendor.get("/stall/qr").await;
    assert_eq!(status, StatusCode::OK);
    qr
}

#[tokio::test]
async fn a_stall_without_a_name_has_no_code() {
    let shop = Shop::open().await;
    let (status, problem) = shop.vendor().get("/stall/qr").await;
    assert_eq!((status, slug(&problem)), (StatusCode::NOT_FOUND, "no-stall"));
}

#[tokio::test]
async fn a_code_is_fresh_each_time_and_leads_to_its_stall_for_a_day() {
    let shop = Shop::open().await;
    let vendor = named(&shop).await;
    let (first, second) = (code(&vendor).await, code(&vendor).await);
    assert_ne!(first["token"], second["token"]);
    let token = first["token"].as_str().unwrap();
    assert_eq!(first["url"], format!("https://stall.example:8443/s/{token}"));
    assert!(first["svg"].as_str().unwrap().contains("<svg"));
    assert!(token.len() <= 64 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    assert_eq!(first["issued_at"], "2026-11-23T09:30:00Z");
    assert_eq!(first["expires_at"], "2026-11-24T09:30:00Z");
    assert_eq!(shop.catalog.read_qr(token), Ok(vendor.tenant));
    shop.test.clock.advance(VALID_FOR - TimeDelta::seconds(1));
    assert_eq!(shop.catalog.read_qr(token), Ok(vendor.tenant));
    shop.test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(shop.catalog.read_qr(token), Err(QrError::Expired(vendor.tenant)));
}

#[tokio::test]
async fn an_altered_code_is_forged_wherever_it_was_altered() {
    let shop = Shop::open().await;
    let token = code(&named(&shop).await).await["token"].as_str().unwrap().to_owned();
    for place in 0..token.len() {
        let other = if token.as_bytes()[place] == b'A' { 'B' } else { 'A' };
        let altered = format!("{}{other}{}", &token[..place], &token[place + 1..]);
        assert_eq!(shop.catalog.read_qr(&altered), Err(QrError::Forged), "character {place}");
    }
    // An expired code that was altered is forged, not expired: nothing of it is believed.
    shop.test.clock.advance(TimeDelta::days(2));
    assert_eq!(shop.catalog.read_qr(&token.replace(&token[2..4], "__")), Err(QrError::Forged));
}

#[tokio::test]
async fn what_is_no_code_is_forged() {
    let shop = Shop::open().await;
    let long = "A".repeat(100_000);
    for text in
        ["", "A", "\u{202E}", "../../etc/passwd", "ஐந்து கிலோ", &"A".repeat(60), &"=".repeat(60), &long]
    {
        assert_eq!(shop.catalog.read_qr(text), Err(QrError::Forged), "{text:.20}");
    }
}
