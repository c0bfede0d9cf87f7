//! What is owed to the vendor.

use axum::http::StatusCode;
use payments::NewIntent;
use serde_json::{Value, json};
use testkit::statements;
use types::Money;
use uuid::Uuid;

use crate::stall::{AMOUNT, COMMISSION, Stall};

fn minor(money: &Value) -> i64 {
    money["minor"].as_i64().unwrap()
}

fn lines(wallet: &Value) -> Vec<(String, String, [i64; 4])> {
    let items = wallet["entries"]["items"].as_array().unwrap();
    let line = |entry: &Value| {
        let amounts = ["gross", "commission", "net", "balance_after"].map(|name| minor(&entry[name]));
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        (text("text_key"), text("order_number"), amounts)
    };
    items.iter().map(line).collect()
}

/// Another order, paid by the gateway.
async fn sell(stall: &Stall, number: u32) -> types::OrderId {
    let order = stall.test.entropy.id(stall.now());
    let new = NewIntent { order, order_number: number.to_string(), ..stall.new_intent() };
    let intent = stall.ask_for(&new).await;
    stall.work().await;
    stall.play(&emulator::razorpay::Play::qr(&stall.gateway_qr(intent).await));
    stall.work().await;
    order
}

#[tokio::test]
async fn a_wallet_tells_every_sale_and_refund() {
    let stall = Stall::with_gateway().await;
    let (_, empty) = stall.get(stall.vendor(), "/wallet").await;
    let nothing = json!({"minor": 0, "currency": "INR"});
    assert_eq!(
        empty,
        json!({
            "owed": nothing,
            "on_hold": nothing,
            "releases": [],
            "available": nothing,
            "in_transit": nothing,
            "paid_out": nothing,
            "going_back": nothing,
            "disputed": nothing,
            "commission_this_month": nothing,
            "entries": {"items": []},
        })
    );

    let first = sell(&stall, 1).await;
    stall.ask_for(&NewIntent { amount: Money::inr(1_000_00), ..stall.new_intent() }).await;
    stall.received(Uuid::from_u128(1), "cash").await;
    stall.refund(first).await.unwrap();
    stall.refund(stall.order).await.unwrap();
    sell(&stall, 3).await;

    let (status, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(status, StatusCode::OK);
    let net = AMOUNT - COMMISSION;
    let line = |key: &str, number: &str, amounts| (key.to_owned(), number.to_owned(), amounts);
    assert_eq!(
        lines(&wallet),
        [
            line("sale", "3", [AMOUNT, COMMISSION, net, net]),
            line("refund", "12", [0, -25_00, 25_00, 0]),
            line("refund", "1", [-AMOUNT, -COMMISSION, -net, -25_00]),
            line("sale-by-vendor", "12", [0, 25_00, -25_00, net - 25_00]),
            line("sale", "1", [AMOUNT, COMMISSION, net, net]),
        ]
    );
    assert_eq!(minor(&wallet["owed"]), net);
    assert_eq!(minor(&wallet["going_back"]), 0);
    assert_eq!((minor(&wallet["on_hold"]), minor(&wallet["available"])), (net, 0));
    assert_eq!(minor(&wallet["commission_this_month"]), COMMISSION);
    for (_, _, [gross, commission, net, _]) in lines(&wallet) {
        assert_eq!(gross - commission, net);
    }
}

#[tokio::test]
async fn commission_is_counted_from_the_first_of_the_month() {
    let stall = Stall::with_gateway().await;
    sell(&stall, 1).await;
    // 30 November, 18:30 UTC: December has begun in India.
    stall.pass(7 * 86_400 + 9 * 3_600).await;
    sell(&stall, 2).await;
    let (_, wallet) = stall.get(stall.vendor(), "/wallet").await;
    assert_eq!(minor(&wallet["commission_this_month"]), COMMISSION);
    assert_eq!(minor(&wallet["owed"]), 2 * (AMOUNT - COMMISSION));
}

#[tokio::test]
async fn a_wallet_costs_five_statements_however_long_its_page() {
    let stall = Stall::with_gateway().await;
    for number in 1..=3 {
        sell(&stall, number).await;
    }
    for limit in [1, 2, 100] {
        let (answer, count) = statements(stall.get(stall.vendor(), &format!("/wallet?limit={limit}"))).await;
        assert_eq!((answer.0, count), (StatusCode::OK, 5));
    }
    let (_, page) = stall.get(stall.vendor(), "/wallet?limit=2").await;
    let next = page["entries"]["next"].as_str().unwrap();
    let (_, rest) = stall.get(stall.vendor(), &format!("/wallet?before={next}")).await;
    assert_eq!(lines(&rest).len(), 1);
    assert_eq!(lines(&rest)[0].1, "1");
}

#[tokio::test]
async fn a_payment_is_shown_by_one_statement() {
    let stall = Stall::with_gateway().await;
    stall.ask().await;
    let (_, count) = statements(stall.payment()).await;
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_wallet_is_its_vendors_alone() {
    let stall = Stall::with_gateway().await;
    sell(&stall, 1).await;
    assert_eq!(stall.get(stall.buyer(), "/wallet").await.0, StatusCode::UNAUTHORIZED);
    let other = crate::stall::signed_in(Some(stall.test.entropy.id(stall.now())), false);
    assert_eq!(minor(&stall.get(other, "/wallet").await.1["owed"]), 0);
}
