//! An agreement opens an order or joins one.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;
use types::{Language, Money, Unit};

use crate::market::Market;

#[tokio::test]
async fn an_agreement_opens_an_order_holds_stock_and_asks_for_the_money() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::Tamil).await;
    let tomato = market.product(&vendor, "Tomato", "120", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let card = market.agree(&market.agreement(&buyer, tomato, "5", Unit::Kg)).await.unwrap();
    assert_eq!((card.number.as_str(), card.total), ("1", Money::inr(200_00)));
    assert_eq!(market.stock(vendor.tenant, tomato).await, (120_000, 5_000));

    let order = market.show(&buyer.caller, card.id).await;
    assert_eq!(order["state"], "open");
    assert_eq!(order["number"], "1");
    assert_eq!(order["lines"].as_array().unwrap().len(), 1);
    assert_eq!(order["lines"][0]["name"], "टमाटर", "in the buyer's language");
    assert_eq!(order["lines"][0]["quantity"], "5");
    assert_eq!(order["timeline"], json!([{ "state": "open", "at": "2026-11-23T09:30:00Z" }]));
    assert_eq!(order["payment"]["amount"], json!({ "minor": 200_00, "currency": "INR" }));
    assert_eq!(order["hold_expires_at"], "2026-11-23T10:00:00Z");
    assert!(order.get("document").is_none());
    let kept = "select count(*) from order_lines where transcript->0->>'text' = 'five kilos'";
    assert_eq!(market.count(kept).await, 1, "what was said is evidence");
    let seen_by_vendor = market.show(&vendor.caller, card.id).await;
    assert_eq!(seen_by_vendor["lines"][0]["name"], "தக்காளி", "in the vendor's language");

    for subscriber in [vendor.tenant.uuid(), buyer.guest.uuid()] {
        let news = market.news(vendor.tenant, subscriber).await;
        let cards: Vec<_> = news.iter().filter(|(kind, _)| kind == "order").collect();
        assert_eq!(cards.len(), 1);
        assert_eq!(cards[0].1["id"], json!(card.id));
    }
}

#[tokio::test]
async fn a_further_agreement_joins_the_unpaid_order_and_replaces_its_intent() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::Tamil).await;
    let tomato = market.product(&vendor, "Tomato", "10", Unit::Kg).await;
    let eggs = market.product(&vendor, "Egg", "30", Unit::Piece).await;
    let buyer = market.buyer(&vendor);
    let first = market.agree(&market.agreement(&buyer, tomato, "2.5", Unit::Kg)).await.unwrap();
    let before = market.show(&buyer.caller, first.id).await;
    market.pass_time(TimeDelta::minutes(20));
    let second = market.agree(&market.agreement(&buyer, eggs, "6", Unit::Piece)).await.unwrap();
    assert_eq!((second.id, second.total), (first.id, Money::inr(100_00 + 240_00)));

    let after = market.show(&buyer.caller, first.id).await;
    assert_eq!(after["payment"]["amount"]["minor"], 340_00);
    assert_ne!(after["payment"]["intent_id"], before["payment"]["intent_id"]);
    assert_eq!(after["lines"].as_array().unwrap().len(), 2);
    assert_eq!(after["hold_expires_at"], "2026-11-23T10:20:00Z");

    // The job of the first agreement finds that the order has more time now.
    market.pass_time(TimeDelta::minutes(15));
    market.run_jobs().await;
    assert_eq!(market.show(&buyer.caller, first.id).await["state"], "open");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (10_000, 2_500));
    market.pass_time(TimeDelta::minutes(15));
    market.run_jobs().await;
    assert_eq!(market.show(&buyer.caller, first.id).await["state"], "expired");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (10_000, 0));
    assert_eq!(market.stock(vendor.tenant, eggs).await, (30_000, 0));
}

#[tokio::test]
async fn two_lines_of_one_product_hold_both_and_are_sold_once_each() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "5", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    market.agree(&market.agreement(&buyer, tomato, "2", Unit::Kg)).await.unwrap();
    let card = market.agree(&market.agreement(&buyer, tomato, "3", Unit::Kg)).await.unwrap();
    let refused = market.agree(&market.agreement(&buyer, tomato, "0.001", Unit::Kg)).await;
    assert!(matches!(refused, Err(orders::Error::Catalog(catalog::Error::OutOfStock { .. }))), "{refused:?}");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (5_000, 5_000));
    assert_eq!(market.take_cash(&vendor, card.id).await.0, StatusCode::OK);
    market.run_jobs().await;
    assert_eq!(market.stock(vendor.tenant, tomato).await, (0, 0));
}

#[tokio::test]
async fn fractions_of_a_kilo_are_held_sold_and_paid_to_the_gram_and_the_paisa() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let saffron = market.product(&vendor, "Saffron", "1", Unit::Kg).await;
    for (grams, on_hand) in [("333", 667_i64), ("333", 334), ("333", 1)] {
        let buyer = market.buyer(&vendor);
        let mut agreement = market.agreement(&buyer, saffron, grams, Unit::G);
        agreement.total = Money::inr(13_33);
        let card = market.agree(&agreement).await.unwrap();
        assert_eq!(market.stock(vendor.tenant, saffron).await, (on_hand + 333, 333));
        market.take_cash(&vendor, card.id).await;
        market.run_jobs().await;
        assert_eq!(market.stock(vendor.tenant, saffron).await, (on_hand, 0));
        let order = market.show(&vendor.caller, card.id).await;
        assert_eq!((&order["state"], &order["document"]["total"]["minor"]), (&json!("paid"), &json!(13_33)));
    }
    let buyer = market.buyer(&vendor);
    let refused = market.agree(&market.agreement(&buyer, saffron, "2", Unit::G)).await;
    assert!(matches!(refused, Err(orders::Error::Catalog(catalog::Error::OutOfStock { .. }))), "{refused:?}");
}

#[tokio::test]
async fn numbers_run_without_gaps_within_a_stall() {
    let market = Market::open().await;
    let (one, other) =
        (market.vendor("Fresh", Language::English).await, market.vendor("Fine", Language::English).await);
    let tomato = market.product(&one, "Tomato", "10", Unit::Kg).await;
    let onion = market.product(&other, "Onion", "10", Unit::Kg).await;
    let mut numbers = Vec::new();
    for kilos in ["1", "99", "1", "1"] {
        let agreed = market.agree(&market.agreement(&market.buyer(&one), tomato, kilos, Unit::Kg)).await;
        numbers.extend(agreed.map(|card| card.number));
    }
    assert_eq!(numbers, ["1", "2", "3"], "what found no stock took no number");
    let card = market.agree(&market.agreement(&market.buyer(&other), onion, "1", Unit::Kg)).await.unwrap();
    assert_eq!(card.number, "1");
}

#[tokio::test]
async fn a_full_order_takes_no_further_line() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "100", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    for _ in 0..orders::order::LINES_MAX {
        market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
    }
    let refused = market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await;
    assert!(matches!(refused, Err(orders::Error::Full)), "{refused:?}");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (100_000, 50_000));
}

#[tokio::test]
async fn what_is_agreed_after_the_money_came_opens_another_order() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "10", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let first = market.agree(&market.agreement(&buyer, tomato, "1", Unit::Kg)).await.unwrap();
    market.take_cash(&vendor, first.id).await;
    // The job that settles the first has not run yet.
    let second = market.agree(&market.agreement(&buyer, tomato, "2", Unit::Kg)).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(market.show(&buyer.caller, first.id).await["state"], "paid");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (10_000, 3_000));
    market.run_jobs().await;
    let order = market.show(&buyer.caller, first.id).await;
    assert_eq!(order["timeline"].as_array().unwrap().len(), 2, "{order}");
    assert!(order["document"]["number"].is_string());
    assert_eq!(market.stock(vendor.tenant, tomato).await, (9_000, 2_000));
}

#[tokio::test]
async fn what_is_agreed_after_the_time_was_over_opens_another_order() {
    let market = Market::open().await;
    let vendor = market.vendor("Fresh", Language::English).await;
    let tomato = market.product(&vendor, "Tomato", "10", Unit::Kg).await;
    let buyer = market.buyer(&vendor);
    let first = market.agree(&market.agreement(&buyer, tomato, "10", Unit::Kg)).await.unwrap();
    market.pass_time(orders::order::HOLD_FOR);
    let second = market.agree(&market.agreement(&buyer, tomato, "10", Unit::Kg)).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(market.show(&buyer.caller, first.id).await["state"], "expired");
    assert_eq!(market.stock(vendor.tenant, tomato).await, (10_000, 10_000));
}
