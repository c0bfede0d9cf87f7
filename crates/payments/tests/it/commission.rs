//! What the platform keeps of a sale.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};
use types::OrderId;
use uuid::Uuid;

use crate::stall::{AMOUNT, COMMISSION, Stall, operator};

fn rupees(paise: i64) -> Value {
    json!({"minor": paise, "currency": "INR"})
}

fn rule(number: u128, parts: &Value) -> Value {
    json!({"client_id": Uuid::from_u128(number), "parts": parts, "reason": "the season begins"})
}

async fn add(stall: &Stall, rule: &Value) -> Value {
    let (status, rule) = stall.post(operator(), "/operator/commission", rule).await;
    assert_eq!(status, StatusCode::CREATED, "{rule}");
    rule
}

/// What is kept of the next sale, and how the wallet explains it.
async fn kept(stall: &Stall) -> (i64, Value) {
    let order: OrderId = stall.test.entropy.id(stall.now());
    stall.sell(order, AMOUNT).await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet?limit=1").await;
    let entry = &wallet["entries"]["items"][0];
    (entry["commission"]["minor"].as_i64().unwrap(), entry["commission_parts"].clone())
}

#[tokio::test]
async fn the_configured_percentage_counts_until_the_book_has_a_rule() {
    let stall = Stall::with_gateway().await;
    assert_eq!(kept(&stall).await, (COMMISSION, Value::Null));
    let parts = json!([
        {"kind": "percent", "percent": "2", "min": rupees(5_00), "max": rupees(20_00)},
        {"kind": "fixed", "amount": rupees(1_50)},
    ]);
    add(&stall, &rule(1, &parts)).await;
    assert_eq!(kept(&stall).await, (6_50, parts.clone()));
    let (_, profile) = stall.get(stall.vendor(), "/payment-profile").await;
    assert_eq!(profile["commission"], parts);
}

#[tokio::test]
async fn a_stalls_own_rule_goes_before_everybodys_until_it_is_given_back() {
    let stall = Stall::with_gateway().await;
    add(&stall, &rule(1, &json!([{"kind": "percent", "percent": "4"}]))).await;
    let mut own = rule(2, &json!([{"kind": "fixed", "amount": rupees(2_00)}]));
    own["tenant_id"] = json!(stall.tenant);
    add(&stall, &own).await;
    let mut back = rule(3, &json!([]));
    back["tenant_id"] = json!(stall.tenant);
    back["effective_from"] = json!(stall.now() + TimeDelta::hours(1));
    add(&stall, &back).await;
    assert_eq!(kept(&stall).await.0, 2_00);
    stall.pass(3_600).await;
    assert_eq!(kept(&stall).await.0, 6_00);
    let (_, book) = stall.get(operator(), "/operator/commission").await;
    assert_eq!(book["rules"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&book["default_percent"], &book["rules"][0]["stall_name"]),
        (&json!("2.5"), &json!("Meena's Tomatoes"))
    );
}

#[tokio::test]
async fn a_rule_sent_again_is_written_once_and_never_changed() {
    let stall = Stall::with_gateway().await;
    let sent = rule(1, &json!([{"kind": "percent", "percent": "3"}]));
    let first = add(&stall, &sent).await;
    assert_eq!(add(&stall, &sent).await, first);
    let other = rule(1, &json!([{"kind": "percent", "percent": "4"}]));
    let (status, problem) = stall.post(operator(), "/operator/commission", &other).await;
    assert_eq!((status, &problem["type"]), (StatusCode::CONFLICT, &json!("/problems/client-id-reused")));
    assert_eq!(stall.count("commission_rules").await, 1);
}

#[tokio::test]
async fn what_is_no_rule_is_refused_by_its_field() {
    let stall = Stall::with_gateway().await;
    let mut past = rule(1, &json!([{"kind": "percent", "percent": "3"}]));
    past["effective_from"] = json!(stall.now() - TimeDelta::seconds(1));
    let mut no_reason = rule(2, &json!([{"kind": "percent", "percent": "3"}]));
    no_reason["reason"] = json!(" ");
    for (rule, field) in [
        (rule(3, &json!([])), "parts"),
        (rule(4, &json!([{"kind": "fixed", "amount": rupees(0)}])), "parts"),
        (past, "effective_from"),
        (no_reason, "reason"),
    ] {
        let (status, problem) = stall.post(operator(), "/operator/commission", &rule).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{rule}");
    }
    let good = rule(5, &json!([{"kind": "percent", "percent": "3"}]));
    assert_eq!(stall.post(stall.vendor(), "/operator/commission", &good).await.0, StatusCode::FORBIDDEN);
}
