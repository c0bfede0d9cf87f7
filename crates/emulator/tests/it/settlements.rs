//! What was captured reaches the merchant's bank.

use std::time::Duration;

use axum::http::Method;
use emulator::razorpay::{Mishap, Play, SettlementFault, SettlementFaultKind};
use serde_json::{Value, json};

use crate::shop::{NOW_S, Shop, answer, text};

const DAY: Duration = Duration::from_hours(24);

/// The report of the day in India so many days after the shop opened.
async fn report(shop: &Shop, days_later: u32) -> Vec<Value> {
    let at_s = NOW_S + 19_800 + i64::from(days_later) * 86_400;
    let date = chrono::DateTime::from_timestamp(at_s, 0).unwrap().date_naive();
    let path = format!("/v1/settlements/recon/combined?{}&count=100", date.format("year=%Y&month=%m&day=%d"));
    shop.get(&path).await["items"].as_array().unwrap().clone()
}

async fn paid(shop: &Shop) -> String {
    let order = shop.order().await;
    text(&shop.emulator.razorpay().play(&Play::order(&order)).unwrap().payment["id"])
}

#[tokio::test]
async fn a_captured_payment_is_settled_two_days_later_less_its_fee() {
    let shop = Shop::open().await;
    let payment = paid(&shop).await;
    shop.emulator.clock().advance(DAY);
    assert_eq!(report(&shop, 1).await, Vec::<Value>::new());
    shop.emulator.clock().advance(DAY);
    let lines = report(&shop, 2).await;
    let line = &lines[0];
    assert_eq!((lines.len(), &line["entity_id"], &line["type"]), (1, &json!(payment), &json!("payment")));
    let money = ["amount", "fee", "tax", "credit", "debit"].map(|field| line[field].as_i64().unwrap());
    assert_eq!(money, [75_000, 1_770, 270, 73_230, 0]);
    assert_eq!((&line["settled"], &line["settled_at"]), (&json!(true), &json!(NOW_S + 2 * 86_400)));
    assert!(text(&line["settlement_id"]).starts_with("setl_") && !text(&line["settlement_utr"]).is_empty());
    shop.emulator.clock().advance(10 * DAY);
    assert_eq!(report(&shop, 2).await, lines);
}

#[tokio::test]
async fn a_refund_is_taken_off_and_money_that_was_never_taken_is_not() {
    let shop = Shop::open().await;
    let payment = paid(&shop).await;
    let (_, refund) = shop.post(&format!("/v1/payments/{payment}/refund"), json!({})).await;
    let uncaptured = shop.order_with(json!({ "payment_capture": false })).await;
    shop.emulator.razorpay().play(&Play::order(&uncaptured)).unwrap();
    shop.emulator.clock().advance(2 * DAY);
    let lines = report(&shop, 2).await;
    assert_eq!(
        (lines.len(), &lines[0]["entity_id"], &lines[0]["type"]),
        (2, &refund["id"], &json!("refund"))
    );
    assert_eq!((&lines[0]["debit"], &lines[0]["payment_id"]), (&json!(75_000), &json!(payment)));
    assert_eq!(lines[0]["settlement_id"], lines[1]["settlement_id"]);
    shop.emulator.clock().advance(10 * DAY);
    for later in 3..=12 {
        assert_eq!(report(&shop, later).await, Vec::<Value>::new(), "{later}");
    }
}

#[tokio::test]
async fn lines_go_missing_come_late_and_are_wrong_on_command() {
    let shop = Shop::open().await;
    let razorpay = shop.emulator.razorpay();
    let faults = [
        SettlementFaultKind::Missing,
        SettlementFaultKind::Late { days: 3 },
        SettlementFaultKind::WrongFee { more_paise: 500 },
        SettlementFaultKind::WrongAmount { less_paise: 100 },
    ];
    let mut payments = Vec::new();
    for fault in faults {
        let payment = paid(&shop).await;
        razorpay.add_settlement_fault(&shop.key_id, SettlementFault::of(&payment, fault)).unwrap();
        payments.push(payment);
    }
    shop.emulator.clock().advance(2 * DAY);
    let lines = report(&shop, 2).await;
    let seen: Vec<_> = lines.iter().map(|line| (text(&line["entity_id"]), line["credit"].as_i64())).collect();
    assert_eq!(seen, [(payments[3].clone(), Some(73_130)), (payments[2].clone(), Some(72_730))]);
    shop.emulator.clock().advance(3 * DAY);
    assert_eq!(report(&shop, 5).await[0]["entity_id"], payments[1]);
    assert_eq!(razorpay.settlement_faults(&shop.key_id).unwrap(), []);
}

#[tokio::test]
async fn mishaps_happen_over_http_too() {
    let shop = Shop::open().await;
    let payment = paid(&shop).await;
    let url = format!("{}/_control/merchants/{}", shop.emulator.razorpay_url(), shop.key_id);
    let suffer = async |mishap: Value| {
        answer(crate::shop::http().request(Method::POST, format!("{url}/mishaps")).json(&mishap)).await
    };
    let (status, twin) = suffer(json!({ "kind": "captured_twice", "payment_id": payment })).await;
    assert_eq!(status, 200);
    let twin = shop.get(&format!("/v1/payments/{}", text(&twin["id"]))).await;
    assert_eq!((&twin["status"], &twin["amount"]), (&json!("captured"), &json!(75_000)));
    let (_, refund) = suffer(json!({ "kind": "refunded_in_dashboard", "payment_id": payment })).await;
    assert!(text(&refund["id"]).starts_with("rfnd_"));
    let (_, adjustment) = suffer(json!({ "kind": "adjusted", "paise": -1_012 })).await;
    let line = report(&shop, 0).await.remove(0);
    assert_eq!(
        (&line["entity_id"], &line["type"], &line["debit"]),
        (&adjustment["id"], &json!("adjustment"), &json!(1_012))
    );
    assert_eq!(suffer(json!({ "kind": "forgotten", "payment_id": payment })).await.0, 200);
    assert_eq!(answer(shop.request(Method::GET, &format!("/v1/payments/{payment}"))).await.0, 400);
    assert_eq!(suffer(json!({ "kind": "adjusted", "paise": i64::MIN })).await.0, 409);
    let again = Mishap::CapturedTwice { payment_id: payment };
    assert!(shop.emulator.razorpay().suffer(&shop.key_id, &again).is_err());
    let rule = json!({ "kind": "late", "days": 2 });
    let rules = format!("{url}/settlement_faults");
    assert_eq!(answer(crate::shop::http().post(&rules).json(&rule)).await.0, 201);
    let kept = answer(crate::shop::http().get(&rules)).await.1;
    assert_eq!(kept, json!([{ "entity_id": null, "times": 1, "kind": "late", "days": 2 }]));
    assert_eq!(answer(crate::shop::http().delete(&rules)).await.0, 204);
    assert_eq!(
        answer(crate::shop::http().post(&rules).json(&json!({ "kind": "late", "days": 0 }))).await.0,
        409
    );
}

#[tokio::test]
async fn a_report_needs_a_month_that_exists() {
    let shop = Shop::open().await;
    for query in [
        "",
        "?year=2026",
        "?year=2026&month=13",
        "?year=2026&month=2&day=30",
        "?year=2026&month=1&count=1001",
    ] {
        let request = shop.request(Method::GET, &format!("/v1/settlements/recon/combined{query}"));
        assert_eq!(answer(request).await.0, 400, "{query}");
    }
    assert_eq!(shop.get("/v1/settlements/recon/combined?year=2026&month=1&count=1000").await["count"], 0);
}
