//! Money that comes through the gateway, here the emulated one.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use emulator::razorpay::{Endpoint, NewMerchant, Outcome, Play};
use emulator::{Emulator, Options};
use orders::order::HOLD_FOR;
use payments::RazorpayConfig;
use serde_json::{Value, json};
use types::{Language, Unit};

use crate::market::{Buyer, Market};

const SECRET: &str = "a webhook secret";

/// A market whose stalls are paid through the gateway, which calls back.
pub async fn open() -> (Market, Emulator) {
    let start = "2026-11-23T09:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let emulator = Emulator::start(Options::repeatable(start.timestamp(), 7)).await.unwrap();
    let merchant = NewMerchant::demo();
    let razorpay = RazorpayConfig {
        base_url: emulator.razorpay_url().to_owned(),
        key_id: merchant.key_id,
        key_secret: merchant.key_secret.into(),
        webhook_secret: SECRET.to_owned().into(),
        checkout_script_url: format!("{}/v1/checkout.js", emulator.razorpay_url()),
    };
    let config = payments::Config {
        razorpay: Some(razorpay),
        commission_percent: "2".parse().unwrap(),
        ..payments::Config::default()
    };
    let market = Market::open_with(config).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/webhooks/razorpay", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, market.router.clone()).into_future());
    emulator
        .razorpay()
        .set_webhooks(&NewMerchant::demo().key_id, vec![Endpoint::new(&hook, SECRET)])
        .unwrap();
    (market, emulator)
}

/// Delivers what the gateway has to say and does what follows, until all is quiet.
pub async fn settle(market: &Market, emulator: &Emulator) {
    loop {
        emulator.razorpay().settle().await;
        if market.run_jobs().await == 0 {
            return;
        }
    }
}

async fn pass(market: &Market, emulator: &Emulator, seconds: u32) {
    market.pass_time(TimeDelta::seconds(seconds.into()));
    emulator.clock().advance(Duration::from_secs(seconds.into()));
    settle(market, emulator).await;
}

/// The gateway's order that the buyer's payment sheet opens with.
pub async fn sheet(market: &Market, buyer: &Buyer, order: types::OrderId) -> String {
    let order = market.show(&buyer.caller, order).await;
    let ways = order["payment"]["ways"].as_array().unwrap().clone();
    let checkout = ways.into_iter().find(|way| way["kind"] == "checkout").unwrap();
    checkout["checkout"]["order_id"].as_str().unwrap().to_owned()
}

fn last(order: &Value) -> &Value {
    order["timeline"].as_array().unwrap().last().unwrap()
}

#[tokio::test]
async fn what_is_paid_at_the_gateway_sells_the_goods_and_what_it_gives_back_puts_them_back() {
    let (market, emulator) = open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "120", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    settle(&market, &emulator).await;
    let gateway_order = sheet(&market, &buyer, card.id).await;
    let played = emulator.razorpay().play(&Play::order(&gateway_order)).unwrap();
    let answer = serde_json::to_value(played.callback.unwrap()).unwrap();
    let path = format!("/orders/{}/payment/checkout", card.id);
    let (status, payment) = market.post(&buyer.caller, &path, &answer).await;
    assert_eq!((status, &payment["state"]), (StatusCode::OK, &json!("paid")), "{payment}");
    settle(&market, &emulator).await;
    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!((&order["state"], &order["payment"]["confirmed_by"]), (&json!("paid"), &json!("gateway")));
    assert!(order["document"]["number"].is_string());
    assert_eq!(market.stock(vendor.tenant, tomato).await, (115_000, 0));

    market.refund(vendor.tenant, card.id).await;
    settle(&market, &emulator).await;
    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!((&order["state"], &order["payment"]["state"]), (&json!("refunded"), &json!("refunded")));
    assert!(last(&order).get("reason").is_none());
    assert_eq!(
        (&order["document"]["kind"], &order["credit_notes"][0]["kind"]),
        (&json!("receipt"), &json!("refund_receipt"))
    );
    assert_eq!(order["credit_notes"][0]["total"], order["document"]["total"]);
    assert_eq!(market.stock(vendor.tenant, tomato).await, (120_000, 0));
}

#[tokio::test]
async fn a_bank_that_says_yes_when_the_goods_are_sold_to_others_leaves_the_buyer_with_the_money() {
    let (market, emulator) = open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let (slow, quick) = (market.buyer(&vendor), market.buyer(&vendor));
    let card = market.agree(&market.agreement(&slow, tomato, "5", Unit::Kg)).await.unwrap();
    settle(&market, &emulator).await;
    let minutes_30 = u32::try_from(HOLD_FOR.num_seconds()).unwrap();
    pass(&market, &emulator, minutes_30 - 300).await;
    let late = Outcome::Late { fails_after_s: 0, authorizes_after_s: Some(360) };
    emulator.razorpay().play(&Play::order(&sheet(&market, &slow, card.id).await).with(late)).unwrap();
    pass(&market, &emulator, 300).await;
    assert_eq!(market.show(&slow.caller, card.id).await["state"], "expired");
    let other = market.agree(&market.agreement(&quick, tomato, "5", Unit::Kg)).await.unwrap();
    pass(&market, &emulator, 60).await;
    let order = market.show(&slow.caller, card.id).await;
    assert_eq!(
        (&order["state"], &order["payment"]["state"]),
        (&json!("refunded"), &json!("refunded")),
        "{order}"
    );
    assert_eq!(last(&order)["reason"], "out_of_stock");
    assert!(
        order.get("document").is_none() && order["credit_notes"] == serde_json::json!([]),
        "nothing was sold"
    );
    assert_eq!(market.show(&quick.caller, other.id).await["state"], "open");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (5_000, 5_000));
}

#[tokio::test]
async fn what_a_registered_vendor_sells_through_the_gateway_is_taxed_at_source_by_where_it_goes() {
    let (market, emulator) = open().await;
    let operator = market.operator();
    let rate = json!({ "client_id": uuid::Uuid::from_u128(1), "percent": "0.5", "reason": "registered" });
    assert_eq!(market.post(&operator, "/operator/tcs", &rate).await.0, StatusCode::CREATED);
    let vendor = market.vendor("Fresh", Language::English).await;
    let profile = json!({
        "registration": "regular", "gstin": "29AAGCB7383J1Z4", "legal_name": "Meena Traders",
        "address": "1, Market Road, Mysuru", "state_code": "29",
    });
    assert_eq!(market.put(&vendor.caller, "/tax-profile", &profile).await.0, StatusCode::OK);
    let biscuits = market.product(&vendor, "Biscuits", "120", Unit::Kg).await;
    let tax = json!({ "tax": { "hsn": "1905", "treatment": "taxable", "rate_percent": "18" } });
    let change = serde_json::from_value(tax).unwrap();
    market.catalog.change_product(&vendor.caller, biscuits, &change).await.unwrap();
    for (place, expected) in [(None, [0, 42, 42]), (Some("27"), [85, 0, 0])] {
        let buyer = market.buyer(&vendor);
        let card = market.agree(&market.agreement(&buyer, biscuits, "5", Unit::Kg)).await.unwrap();
        if let Some(place) = place {
            let path = format!("/orders/{}/place-of-supply", card.id);
            let (status, answer) = market.put(&vendor.caller, &path, &json!({ "state_code": place })).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
        }
        settle(&market, &emulator).await;
        emulator.razorpay().play(&Play::order(&sheet(&market, &buyer, card.id).await)).unwrap();
        settle(&market, &emulator).await;
        let month = market.test.clock.now().format("%Y-%m");
        let (_, month) = market.get(&operator, &format!("/operator/tcs/{month}")).await;
        let place = place.unwrap_or("29");
        let line = month["lines"].as_array().unwrap().iter().find(|line| line["place_of_supply"] == place);
        let line = line.unwrap_or_else(|| panic!("nothing in {place}: {month}"));
        let taxes = ["integrated_tax", "central_tax", "state_tax"];
        assert_eq!(taxes.map(|tax| line[tax]["minor"].as_i64().unwrap()), expected, "{line}");
        assert_eq!(line["supplied"]["minor"], if place == "29" { 169_50 } else { 169_49 });
    }
}
