//! Coupons, and who gets the last one.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::plans::office::{BASIC, Office, PRO};

async fn coupon(office: &Office, code: &str, change: Value) {
    let mut coupon = json!({
        "client_id": office.id(), "code": code, "discount": {"kind": "percent", "percent": "50"}, "reason": "a festival",
    });
    coupon.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let (status, body) =
        office.call(&office.operator(), Method::POST, "/operator/coupons", Some(&coupon)).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}

async fn redeemed(office: &Office) -> Value {
    let (_, page) = office.call(&office.operator(), Method::GET, "/operator/coupons", None).await;
    page["items"][0]["redeemed"].clone()
}

#[tokio::test]
async fn a_coupon_counts_for_its_periods_and_then_the_price_is_whole_again() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    coupon(&office, "diwali", json!({"periods": 2})).await;
    let (status, shown) = office.try_choose(&office.vendor, "basic", "month", Some("Diwali ")).await;
    assert_eq!((status, &shown["coupon"]["periods_left"]), (StatusCode::OK, &json!(2)));
    assert_eq!(shown["next_charge"]["amount"]["minor"], BASIC / 2);
    // The same again is the same, not a second redemption.
    assert_eq!(office.try_choose(&office.vendor, "basic", "month", Some("DIWALI")).await.0, StatusCode::OK);
    for _ in 0..2 {
        office.later(TimeDelta::days(31)).await;
    }
    assert_eq!(
        office.invoices().await,
        [
            format!("start paid {}", BASIC / 2),
            format!("renewal paid {}", BASIC / 2),
            format!("renewal paid {BASIC}")
        ]
    );
    let (status, body) = office.try_choose(&office.vendor, "pro", "month", Some("DIWALI")).await;
    assert_eq!((status, &body["type"]), (StatusCode::CONFLICT, &json!("/problems/coupon-used")));
    assert_eq!(redeemed(&office).await, 1);
}

#[tokio::test]
async fn an_upgrade_under_a_coupon_is_reduced_as_its_periods_are() {
    let office = Office::open().await;
    office.go_to("2027-04-01T06:30:00Z");
    office.pay_in(10_000_00).await;
    coupon(&office, "HALF", json!({})).await;
    office.try_choose(&office.vendor, "basic", "month", Some("HALF")).await;
    office.go_to("2027-04-16T06:30:00Z");
    office.choose("pro", "month").await;
    // Half of the price for half of the month, less half of what was paid.
    let invoices = office.invoices().await;
    assert_eq!(invoices[1], format!("change paid {}", PRO / 4 - BASIC / 4));
    office.later(TimeDelta::days(15)).await;
    assert_eq!(office.invoices().await[2], format!("renewal paid {}", PRO / 2));
    office.check_books().await;
}

#[tokio::test]
async fn of_many_who_race_for_the_last_coupon_one_gets_it() {
    let office = Office::open().await;
    coupon(
        &office,
        "LAST1",
        json!({"redemptions_max": 1, "discount": {"kind": "percent", "percent": "100"}}),
    )
    .await;
    let mut vendors = Vec::new();
    for number in 0..6 {
        vendors.push(office.another(&format!("98765432{}", 20 + number)).await);
    }
    let races = vendors.iter().map(|vendor| office.try_choose(vendor, "basic", "month", Some("LAST1")));
    let answers = join_all(races).await;
    let won = answers.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    let over = answers.iter().filter(|(_, body)| body["type"] == "/problems/coupon-over").count();
    assert_eq!((won, over, redeemed(&office).await), (1, 5, json!(1)));
}

#[tokio::test]
async fn a_coupon_whose_invoice_nobody_paid_can_be_redeemed_by_somebody_else() {
    let office = Office::open().await;
    coupon(&office, "ONLY1", json!({"redemptions_max": 1})).await;
    office.try_choose(&office.vendor, "basic", "month", Some("ONLY1")).await;
    let other = office.another("9876543212").await;
    assert_eq!(office.try_choose(&other, "basic", "month", Some("ONLY1")).await.0, StatusCode::GONE);
    office.later(TimeDelta::hours(24)).await;
    let (status, shown) = office.try_choose(&other, "basic", "month", Some("ONLY1")).await;
    assert_eq!((status, &shown["missing"]["minor"]), (StatusCode::OK, &json!(BASIC / 2)));
}

#[tokio::test]
async fn a_period_that_costs_nothing_is_paid_without_credit_and_has_no_number() {
    let office = Office::open().await;
    coupon(&office, "FREE100", json!({"periods": 1, "discount": {"kind": "percent", "percent": "100"}}))
        .await;
    let (_, shown) = office.try_choose(&office.vendor, "basic", "month", Some("FREE100")).await;
    assert_eq!(
        (&shown["state"], office.invoices().await),
        (&json!("active"), vec!["start paid 0".to_owned()])
    );
    assert_eq!(office.get("/plan/invoices").await["items"][0]["number"], json!(null));
}

#[tokio::test]
async fn coupons_that_are_over_ended_or_unknown_say_so() {
    let office = Office::open().await;
    coupon(&office, "SOON", json!({"redeem_by": office.now() + TimeDelta::days(1)})).await;
    coupon(
        &office,
        "ENDED",
        json!({"discount": {"kind": "fixed", "amount": {"minor": 100, "currency": "INR"}}}),
    )
    .await;
    let (_, page) = office.call(&office.operator(), Method::GET, "/operator/coupons", None).await;
    let written = page["items"].as_array().unwrap().iter().find(|coupon| coupon["code"] == "ENDED").unwrap();
    let path = format!("/operator/coupons/{}/ended", written["id"].as_str().unwrap());
    let ended = json!({"ended": true, "reason": "by mistake"});
    assert_eq!(office.call(&office.operator(), Method::PUT, &path, Some(&ended)).await.0, StatusCode::OK);
    office.test.clock.advance(TimeDelta::days(1));
    for (code, problem) in [
        ("SOON", "coupon-over"),
        ("ENDED", "coupon-over"),
        ("NEVER", "coupon-unknown"),
        ("%", "coupon-unknown"),
    ] {
        let (_, body) = office.try_choose(&office.vendor, "basic", "month", Some(code)).await;
        assert_eq!(body["type"], format!("/problems/{problem}"), "{code}");
    }
    let bad = [
        ("code", json!({"code": "A B"})),
        ("code", json!({"code": "ended"})),
        ("percent", json!({"discount": {"kind": "percent", "percent": "0"}})),
        ("periods", json!({"periods": 0})),
        ("redeem_by", json!({"redeem_by": office.now()})),
        ("redemptions_max", json!({"redemptions_max": -1})),
    ];
    for (field, change) in bad {
        let mut coupon = json!({
            "client_id": office.id(), "code": "GOOD", "discount": {"kind": "percent", "percent": "5"}, "reason": "because",
        });
        coupon.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, body) =
            office.call(&office.operator(), Method::POST, "/operator/coupons", Some(&coupon)).await;
        assert_eq!((status, &body["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{body}");
    }
}
