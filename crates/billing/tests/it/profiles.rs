//! Tax profiles over HTTP.

use axum::http::StatusCode;
use serde_json::json;

use crate::desk::{Desk, profile};

#[tokio::test]
async fn a_seller_who_said_nothing_is_not_registered() {
    let desk = Desk::open().await;
    let (status, body) = desk.get(&desk.vendor(), "/tax-profile").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({"registration": "none", "legal_name": "", "address": "", "state_code": ""}));
}

#[tokio::test]
async fn a_profile_is_kept_as_it_was_cleaned() {
    let desk = Desk::open().await;
    let mut typed = profile("regular");
    typed["gstin"] = json!("29aagcb7383j1z4");
    let (status, body) = desk.put(&desk.vendor(), "/tax-profile", &typed).await;
    assert_eq!((status, &body), (StatusCode::OK, &profile("regular")));
    assert_eq!(desk.get(&desk.vendor(), "/tax-profile").await.1, profile("regular"));
    let (_, body) = desk.put(&desk.vendor(), "/tax-profile", &profile("none")).await;
    assert_eq!(body, profile("none"));
    let other = desk.vendor_of(desk.test.entropy.id(desk.now()));
    assert_eq!(desk.get(&other, "/tax-profile").await.1["legal_name"], "", "another seller's is not shown");
}

#[tokio::test]
async fn what_cannot_stand_on_a_document_names_its_field() {
    let desk = Desk::open().await;
    let wrong = [
        (json!({"gstin": "22AAAAA0000A1Z5"}), "gstin"),
        (json!({"gstin": "27AAPFU0939F1ZV"}), "gstin"),
        (json!({"gstin": null}), "gstin"),
        (json!({"legal_name": " \u{202e} "}), "legal_name"),
        (json!({"legal_name": "x".repeat(121)}), "legal_name"),
        (json!({"address": ""}), "address"),
        (json!({"address": "x".repeat(301)}), "address"),
        (json!({"state_code": "99"}), "state_code"),
        (json!({"registration": "perhaps"}), "registration"),
    ];
    for (change, field) in wrong {
        let mut body = profile("regular");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, problem) = desk.put(&desk.vendor(), "/tax-profile", &body).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}");
    }
    assert_eq!(desk.get(&desk.vendor(), "/tax-profile").await.1["legal_name"], "");
}

#[tokio::test]
async fn only_vendors_have_a_profile() {
    let desk = Desk::open().await;
    let (status, _) = desk.get(&identity::Caller::nobody(), "/tax-profile").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let buyer = desk.buyer(&desk.sale());
    let (status, _) = desk.put(&buyer, "/tax-profile", &profile("none")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
