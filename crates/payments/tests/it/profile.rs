//! How a vendor is paid.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stall::{Stall, kinds, signed_in};

async fn put(stall: &Stall, profile: &Value) -> (StatusCode, Value) {
    stall.call(stall.vendor(), Method::PUT, "/payment-profile", Some(profile)).await
}

#[tokio::test]
async fn a_profile_is_cash_until_the_vendor_says_otherwise() {
    let stall = Stall::with_gateway().await;
    let (status, profile) = stall.get(stall.vendor(), "/payment-profile").await;
    assert_eq!(
        (status, profile),
        (StatusCode::OK, json!({"cash": true, "commission": [{"kind": "percent", "percent": "2.5"}]}))
    );
    let said = put(&stall, &json!({"upi_id": "meena@okbank", "cash": false})).await;
    assert_eq!(stall.get(stall.vendor(), "/payment-profile").await, said);
    assert_eq!(
        said.1,
        json!({"upi_id": "meena@okbank", "cash": false, "commission": [{"kind": "percent", "percent": "2.5"}]})
    );
    let (_, cleared) = put(&stall, &json!({"upi_id": "", "cash": true})).await;
    assert_eq!(cleared.get("upi_id"), None);
}

#[tokio::test]
async fn a_vendor_who_takes_no_cash_offers_the_gateways_ways_alone() {
    let stall = Stall::with_gateway().await;
    put(&stall, &json!({"cash": false})).await;
    stall.ask().await;
    assert_eq!(kinds(&stall.payment().await), ["upi_link/gateway", "qr/gateway", "checkout/gateway"]);
}

#[tokio::test]
async fn what_is_no_upi_id_or_leaves_no_way_to_pay_is_refused_by_its_field() {
    let stall = Stall::without_gateway().await;
    for (profile, field) in [
        (json!({"upi_id": "meena", "cash": true}), "upi_id"),
        (json!({"upi_id": "a@b&am=1", "cash": true}), "upi_id"),
        (json!({"cash": false}), "cash"),
        (json!({"upi_id": "meena@okbank"}), ""),
    ] {
        let (status, body) = put(&stall, &profile).await;
        assert_eq!(
            (status, &body["type"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("/problems/invalid-field")),
            "{profile}"
        );
        assert_eq!(body["field"].as_str().unwrap_or_default(), field, "{profile}");
    }
}

#[tokio::test]
async fn a_profile_is_its_vendors_own() {
    let stall = Stall::without_gateway().await;
    put(&stall, &json!({"upi_id": "meena@okbank", "cash": true})).await;
    let other = signed_in(Some(stall.test.entropy.id(stall.now())), false);
    let (_, profile) = stall.get(other, "/payment-profile").await;
    assert_eq!(profile.get("upi_id"), None);
    assert_eq!(stall.get(stall.buyer(), "/payment-profile").await.0, StatusCode::UNAUTHORIZED);
}
